import { isIP } from 'node:net'
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
  proxyusefdpass: 'bastion',
  bindaddress: 'bastion',
  bindinterface: 'bastion',
  canonicalizehostname: 'bastion',
}

/**
 * @throws YurtSshError SSH_CONFIG: a setting of ours that nobody can know, one that keeps keys from being trusted, or one
 * that would lead to another machine
 */
export function refuseUnknowable(
  { uncertain, first }: ConfigAnswers,
  { set, bastion }: SshLayer,
  alias: string,
): void {
  const isSet = (key: keyof GivenHop | 'bastion' | '') =>
    key === 'bastion'
      ? bastion !== undefined || set.proxyCommand !== undefined
      : key !== '' && set[key] !== undefined
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
  if (!isSet('bastion')) refuseOtherWays(first, alias)
}

/** What would make another machine answer, or the same one by another way: sites share their private addresses. */
function refuseOtherWays(first: ConfigAnswers['first'], alias: string): void {
  const value = (keyword: string) => first.get(keyword)?.words[0]?.toLowerCase() ?? 'none'
  const isProxied = value('proxycommand') !== 'none' || value('proxyjump') !== 'none'
  const canonical = value('canonicalizehostname')
  const dots = alias.split('.').length - 1
  const isMadeCanonical =
    isIP(alias) === 0 &&
    value('canonicaldomains') !== 'none' &&
    dots <= Number(first.get('canonicalizemaxdots')?.words[0] ?? 1) &&
    (canonical === 'always' || (canonical === 'yes' && !isProxied))
  const line =
    (!isProxied && (first.get('bindaddress') ?? first.get('bindinterface'))) ||
    (value('proxycommand') !== 'none' && value('proxyusefdpass') === 'yes' && first.get('proxyusefdpass')) ||
    (isMadeCanonical && first.get('canonicalizehostname'))
  if (!line) return
  throw configError(
    line,
    `${line.keyword} is not supported, and without it another machine may answer`,
    'set bastion, proxyCommand or the full address in the inventory for these hosts, or leave the file aside with `ssh: { config: none }`',
  )
}
