import type { GivenHop, SshLayer } from './settings.js'
import type { ConfigAnswers } from './ssh-config-answers.js'
import { configError } from './ssh-config-values.js'

/** The setting of ours that a keyword is about; empty for those that an inventory cannot set. */
const keyOf: Readonly<Record<string, keyof GivenHop | 'bastion' | ''>> = {
  hostname: '',
  user: 'user',
  port: 'port',
  identityfile: 'identityFile',
  identitiesonly: 'identitiesOnly',
  userknownhostsfile: 'knownHosts',
  globalknownhostsfile: 'knownHosts',
  revokedhostkeys: '',
  hashknownhosts: '',
  stricthostkeychecking: 'strictHostKeyChecking',
  connecttimeout: 'connectTimeout',
  proxyjump: 'bastion',
  proxycommand: 'bastion',
}

/** @throws YurtSshError SSH_CONFIG: a setting of ours that nobody can know, or one that keeps keys from being trusted */
export function refuseUnknowable({ uncertain, first }: ConfigAnswers, { set, bastion }: SshLayer): void {
  const isSet = (key: keyof GivenHop | 'bastion' | '') =>
    key === 'bastion' ? bastion !== undefined : key !== '' && set[key] !== undefined
  const matters = uncertain.find(({ line }) => {
    const key = keyOf[line.keyword]
    return key !== undefined && !isSet(key)
  })
  if (matters !== undefined) {
    const { line, condition } = matters
    throw configError(
      line,
      `${line.keyword} stands under \`${condition}\`, which is never looked at`,
      'set it in the inventory for these hosts, or name another file with `ssh: { config: FILE }`, or none',
    )
  }
  const revoked = first.get('revokedhostkeys')
  if (revoked !== undefined && revoked.words[0]?.toLowerCase() !== 'none')
    throw configError(
      revoked,
      'RevokedHostKeys is not supported',
      'mark the keys @revoked in a file of known hosts',
    )
}
