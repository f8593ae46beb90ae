import { resolve } from 'node:path'
import type { BastionLayer, GivenHop, SshLayer, Surroundings } from './settings.js'
import { askConfig, type ConfigAnswers } from './ssh-config-answers.js'
import type { ConfigLine } from './ssh-config-lines.js'
import { refuseUnknowable } from './ssh-config-refusals.js'
import {
  countOf,
  flagOf,
  hostNameOf,
  identityFilesOf,
  ignoredLines,
  knownHostsOf,
  policyOf,
  portOf,
  secondsOf,
} from './ssh-config-values.js'
import type { TokenValues } from './ssh-tokens.js'
import { maxHops, tooManyHops, wayThere } from './ssh-way.js'
import type { SecretSource, SshHop, SshSettings } from './types.js'

/** Where each setting comes from: a level of the inventory, `file:line` of an ssh_config, or `default`. */
export type SshOrigins = Readonly<Record<string, string>>

export interface ResolvedSsh {
  settings: SshSettings
  /** By key; those of a bastion as `bastion.user`. */
  origins: SshOrigins
}

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
    refuseUnknowable(answers, layer, alias)
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
        ...hashing(first, origins),
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

/** As ssh has them; the second ones were for protocol 2 once, and are read to this day. */
const globalKnownHosts = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']
const ownKnownHosts = ['.ssh/known_hosts', '.ssh/known_hosts2']

function knownHostsBy(first: ConfigAnswers['first'], values: TokenValues): string[] {
  const [user, global] = [first.get('userknownhostsfile'), first.get('globalknownhostsfile')]
  return [
    ...(user === undefined
      ? ownKnownHosts.map((file) => resolve(values.d, file))
      : knownHostsOf(user, values)),
    ...(global === undefined ? globalKnownHosts : knownHostsOf(global, values)),
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

function hashing(first: ConfigAnswers['first'], origins: Record<string, string>): Partial<SshHop> {
  const line = first.get('hashknownhosts')
  if (line === undefined) return {}
  origins.hashKnownHosts = line.place
  return { hashKnownHosts: flagOf(line) }
}
