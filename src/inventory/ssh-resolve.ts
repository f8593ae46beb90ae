import { resolve } from 'node:path'
import type { BastionText } from './address.js'
import type { BastionLayer, GivenHop, SshLayer, Surroundings } from './settings.js'
import { askConfig, type ConfigAnswers } from './ssh-config-answers.js'
import type { ConfigLine } from './ssh-config-lines.js'
import {
  commandOf,
  configError,
  countOf,
  flagOf,
  hostNameOf,
  identityFilesOf,
  ignoredLines,
  jumpsOf,
  knownHostsOf,
  policyOf,
  portOf,
  secondsOf,
} from './ssh-config-values.js'
import type { TokenValues } from './ssh-tokens.js'
import type { SecretSource, SshHop, SshSettings } from './types.js'

/** Where each setting comes from: a level of the inventory, `file:line` of an ssh_config, or `default`. */
export type SshOrigins = Readonly<Record<string, string>>

export interface ResolvedSsh {
  settings: SshSettings
  /** By key; those of a bastion as `bastion.user`. */
  origins: SshOrigins
}

/** More hops than that are a circle: a ProxyJump that holds for the jump host too. */
const maxHops = 8

/**
 * Makes the function that completes the settings of a host: inventory, then ssh_config, then defaults. `address` is what
 * one would type after `ssh`. Hosts below one level share their bastion's object.
 * @throws YurtSshError SSH_CONFIG: what an ssh_config says is wrong, or not to be known (Match exec)
 */
export function sshResolver(surroundings: Surroundings): (layer: SshLayer, address: string) => ResolvedSsh {
  const bastions = new WeakMap<BastionLayer, ResolvedSsh>()

  function bastionAt(layer: BastionLayer, hops: number): ResolvedSsh {
    const known = bastions.get(layer) ?? resolveHop(layer, layer.address, hops)
    bastions.set(layer, known)
    return known
  }

  function resolveHop(layer: SshLayer, alias: string, hops: number): ResolvedSsh {
    const { set, from } = layer
    const lines = surroundings.sshConfig?.(set.config) ?? []
    const answers = askConfig(lines, {
      alias,
      localUser: surroundings.user,
      ...(set.user !== undefined && { user: set.user }),
    })
    refuseUncertain(answers, layer)
    const { first, identityFiles } = answers
    const origins: Record<string, string> = {}

    function pick<K extends keyof GivenHop, T>(key: K, rest: Rest<T>): NonNullable<GivenHop[K]> | T {
      const given = set[key]
      const line = rest.line ?? first.get(rest.keyword ?? key.toLowerCase())
      const fromLine = given === undefined && line !== undefined
      origins[key] = given !== undefined ? (from[key] ?? 'inventory') : fromLine ? line.place : 'default'
      return given ?? (fromLine ? rest.read(line) : rest.otherwise)
    }

    const hostName = first.get('hostname')
    const address = hostName === undefined ? alias : hostNameOf(hostName, alias)
    origins.address = hostName?.place ?? from.address ?? 'inventory'
    const user = pick('user', { read: (line) => line.words[0] ?? '', otherwise: surroundings.user })
    const port = pick('port', { read: portOf, otherwise: 22 })
    const { home } = surroundings
    const values = { h: address, n: alias, p: String(port), r: user, u: surroundings.user, d: home }
    const hop: SshHop = {
      address,
      port,
      user,
      identityFile: pick('identityFile', {
        line: identityFiles[0],
        read: () => identityFilesOf(identityFiles, values),
        otherwise: surroundings.identityFiles,
      }),
      identitiesOnly: pick('identitiesOnly', { read: flagOf, otherwise: false }),
      knownHosts: pick('knownHosts', {
        line: first.get('userknownhostsfile') ?? first.get('globalknownhostsfile'),
        read: () => knownHostsBy(first, values),
        otherwise: knownHostsBy(new Map(), values),
      }),
      strictHostKeyChecking: pick('strictHostKeyChecking', { read: policyOf, otherwise: 'strict' as const }),
      connectTimeout: pick('connectTimeout', { read: secondsOf, otherwise: 20 }) || 20,
    }
    const way = wayThere(layer, answers, values)
    const before =
      way.bastion && (hops < maxHops ? bastionAt(way.bastion, hops + 1) : tooManyHops(way.line, alias))
    if (way.from !== undefined) origins[way.command === undefined ? 'bastion' : 'proxyCommand'] = way.from
    for (const [key, origin] of Object.entries(before?.origins ?? {})) origins[`bastion.${key}`] = origin
    for (const key of ['password', 'passphrase', 'sudoPassword'] as const)
      if (set[key]) origins[key] = from[key] ?? 'inventory'
    const ignored = ignoredLines(answers)
    return {
      origins,
      settings: {
        ...hop,
        ...secretsOf(set),
        ...signsOfLife(first, origins),
        ...(way.command !== undefined && { proxyCommand: way.command }),
        ...(before && { bastion: before.settings }),
        ...(ignored.length > 0 && { notHonoured: ignored }),
      },
    }
  }

  return (layer, address) => resolveHop(layer, address, 0)
}

interface Rest<T> {
  keyword?: string
  line?: ConfigLine | undefined
  read: (line: ConfigLine) => T
  otherwise: T
}

function secretsOf({
  password,
  passphrase,
  sudoPassword,
}: GivenHop): Partial<Record<SecretKey, SecretSource>> {
  return {
    ...(password && { password }),
    ...(passphrase && { passphrase }),
    ...(sudoPassword && { sudoPassword }),
  }
}
type SecretKey = 'password' | 'passphrase' | 'sudoPassword'

function knownHostsBy(first: ConfigAnswers['first'], values: TokenValues): string[] {
  const [user, global] = [first.get('userknownhostsfile'), first.get('globalknownhostsfile')]
  return [
    ...(user === undefined ? [resolve(values.d, '.ssh/known_hosts')] : knownHostsOf(user, values)),
    ...(global === undefined ? ['/etc/ssh/ssh_known_hosts'] : knownHostsOf(global, values)),
  ]
}

/** ServerAliveInterval 0 is OpenSSH's "never", which is not had here. */
function signsOfLife(first: ConfigAnswers['first'], origins: Record<string, string>): Partial<SshHop> {
  const interval = first.get('serveraliveinterval')
  const count = first.get('serveralivecountmax')
  const seconds = interval && secondsOf(interval)
  if (interval && seconds) origins.serverAliveInterval = interval.place
  if (count) origins.serverAliveCountMax = count.place
  return {
    ...(seconds && { serverAliveInterval: seconds }),
    ...(count && { serverAliveCountMax: countOf(count) }),
  }
}

interface Way {
  bastion?: BastionLayer
  command?: string
  from?: string
  line?: ConfigLine
}

/** The inventory's bastion, else ProxyJump or ProxyCommand, whichever stands first. */
function wayThere(layer: SshLayer, { first }: ConfigAnswers, values: TokenValues): Way {
  if (layer.bastion === null) return {}
  if (layer.bastion !== undefined) return { bastion: layer.bastion, from: layer.from.bastion ?? 'inventory' }
  const proxy = first.get('proxycommand')
  if (proxy !== undefined) {
    const command = commandOf(proxy, values)
    return command === undefined ? {} : { command, from: proxy.place }
  }
  const line = first.get('proxyjump')
  if (line === undefined) return {}
  const jumps = jumpsOf(line)
  const bastion = jumps && bastionLayer(jumps, line, layer.set)
  return bastion === undefined ? {} : { bastion, from: line.place, line }
}

/** The hops of a ProxyJump: nothing of the host's own settings holds for them, as with `ssh -J`. */
function bastionLayer(
  jumps: BastionText[],
  line: ConfigLine,
  { config }: GivenHop,
): BastionLayer | undefined {
  const last = jumps.at(-1)
  if (last === undefined) return undefined
  const { address, ...set } = last
  const before = bastionLayer(jumps.slice(0, -1), line, config === undefined ? {} : { config })
  return {
    address,
    set: { ...set, ...(config !== undefined && { config }) },
    from: { address: line.place, user: line.place, port: line.place },
    ...(before && { bastion: before }),
  }
}

function tooManyHops(line: ConfigLine | undefined, alias: string): never {
  const what = `there are more than ${maxHops} bastions in a row on the way to ${alias}`
  throw configError(
    line ?? { keyword: '', words: [], raw: '', place: 'the inventory' },
    what,
    'does a ProxyJump hold for the jump host itself? except it: `Host * !jump`',
  )
}

/** The setting of ours that a keyword is about; empty for those without one. */
const keyOf: Readonly<Record<string, keyof GivenHop | 'bastion' | ''>> = {
  hostname: '',
  user: 'user',
  port: 'port',
  identityfile: 'identityFile',
  identitiesonly: 'identitiesOnly',
  userknownhostsfile: 'knownHosts',
  globalknownhostsfile: 'knownHosts',
  stricthostkeychecking: 'strictHostKeyChecking',
  connecttimeout: 'connectTimeout',
  proxyjump: 'bastion',
  proxycommand: 'bastion',
}

function refuseUncertain({ uncertain, first }: ConfigAnswers, { set, bastion }: SshLayer): void {
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
