import { resolve } from 'node:path'
import type { BastionInput, SshInput } from './schema.js'
import type { ConfigLine } from './ssh-config-lines.js'
import type { HostKeyPolicy, SecretSource } from './types.js'

/** What an inventory takes from the machine it is read on. */
export interface Surroundings {
  /** Absolute path of the folder that relative paths start from: the inventory's. */
  folder: string
  /** What `~` stands for. */
  home: string
  /** Login name where neither inventory nor ssh_config set one. */
  user: string
  /** Private keys where neither inventory nor ssh_config name one. */
  identityFiles: string[]
  /** The lines of an ssh_config: of the file named, of none (null), else of the user's and the system's. */
  sshConfig?: (choice: string | null | undefined) => readonly ConfigLine[]
}

/** What an inventory sets for a hop; null is `none`, which takes away what an outer level or ssh_config sets. */
export interface GivenHop {
  user?: string
  port?: number
  identityFile?: string[]
  identitiesOnly?: boolean
  knownHosts?: string[]
  strictHostKeyChecking?: HostKeyPolicy
  connectTimeout?: number
  password?: SecretSource | null
  passphrase?: SecretSource | null
  sudoPassword?: SecretSource | null
  /** A shell command that is the connection; null takes a way away. */
  proxyCommand?: string | null
  /** Path of the ssh_config to use. */
  config?: string | null
}

/** The settings of a level with where each comes from, before ssh_config and defaults fill what is missing. */
export interface SshLayer {
  set: GivenHop
  from: Readonly<Record<string, string>>
  bastion?: BastionLayer | null
}

export interface BastionLayer extends SshLayer {
  address: string
}

/**
 * The settings of a level inside `outer`, its own ones first; `level` is what the level is called. A bastion takes what it
 * does not set itself from the level it stands in, so that all hosts below share one; but never the port, nor a password,
 * which is that of the hosts.
 */
export function nestSsh(
  outer: SshLayer,
  own: SshInput = {},
  { level, surroundings }: { level: string; surroundings: Surroundings },
): SshLayer {
  const { bastion: ownBastion, ...ownHop } = own
  const { bastion: outerBastion, ...layer } = over(outer, ownHop, level, surroundings)
  // of the two ways to go the nearer one counts
  if (ownBastion === undefined)
    return outerBastion === undefined || ownHop.proxyCommand ? layer : { ...layer, bastion: outerBastion }
  const { proxyCommand: _command, ...set } = layer.set
  const kept = ownHop.proxyCommand === undefined ? set : layer.set
  if (ownBastion === null) return { ...layer, set: kept, bastion: null }
  const { port: _port, password: _password, sudoPassword: _sudo, ...shared } = set
  const base: SshLayer = { set: shared, from: layer.from }
  const nestBastion = ({ address, bastion, ...hop }: BastionInput): BastionLayer => {
    const { set, from } = over(base, hop, level, surroundings)
    return {
      set,
      from: { ...from, address: level },
      address,
      ...(bastion !== undefined && { bastion: bastion === null ? null : nestBastion(bastion) }),
    }
  }
  return { ...layer, set: kept, bastion: nestBastion(ownBastion) }
}

function over(outer: SshLayer, own: GivenHop, level: string, surroundings: Surroundings): SshLayer {
  const keys = Object.keys(own).map((key) => [key, level])
  return {
    ...outer,
    set: { ...outer.set, ...absolutePaths(own, surroundings) },
    from: { ...outer.from, ...Object.fromEntries(keys) },
  }
}

function absolutePaths(own: GivenHop, surroundings: Surroundings): GivenHop {
  const absolute = (path: string) => absolutePath(path, surroundings)
  const secret = (source: SecretSource | null): SecretSource | null =>
    source !== null && typeof source === 'object' && 'file' in source
      ? { file: absolute(source.file) }
      : source
  return {
    ...own,
    ...(own.identityFile && { identityFile: own.identityFile.map(absolute) }),
    ...(own.knownHosts && { knownHosts: own.knownHosts.map(absolute) }),
    ...(own.config && { config: absolute(own.config) }),
    ...(own.password !== undefined && { password: secret(own.password) }),
    ...(own.passphrase !== undefined && { passphrase: secret(own.passphrase) }),
    ...(own.sudoPassword !== undefined && { sudoPassword: secret(own.sudoPassword) }),
  }
}

/** A path of the inventory as an absolute one: `~` is the home folder, relative ones start from the inventory's folder. */
export function absolutePath(path: string, { folder, home }: Surroundings): string {
  return path === '~' || path.startsWith('~/') ? resolve(home, path.slice(2)) : resolve(folder, path)
}
