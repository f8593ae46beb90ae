import { resolve } from 'node:path'
import type { SshInput } from './schema.js'
import type { SshHop, SshSettings } from './types.js'

/** What an inventory takes from the machine it is read on. */
export interface Surroundings {
  /** Absolute path of the folder that relative paths start from: the inventory's. */
  folder: string
  /** What `~` stands for. */
  home: string
  /** Login name where the inventory sets none. */
  user: string
  /** Private keys where the inventory names none. */
  identityFiles: string[]
}

/** SSH settings before they are those of a host. */
export type SshLayer = Omit<SshSettings, 'address'>

/** The settings that hold where the inventory says nothing. */
export function defaultSsh({ user, identityFiles, home }: Surroundings): SshLayer {
  return {
    port: 22,
    user,
    identityFile: identityFiles,
    identitiesOnly: false,
    knownHosts: [resolve(home, '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'],
    strictHostKeyChecking: 'strict',
    connectTimeout: 20,
  }
}

/**
 * The settings of a level inside `outer`, its own ones first. A bastion takes what it does not set itself from the level
 * it stands in, so that all hosts below share one; only the port it never takes over.
 */
export function nestSsh(outer: SshLayer, own: SshInput = {}, surroundings: Surroundings): SshLayer {
  const { bastion: outerBastion, ...outerHop } = outer
  const { bastion: ownBastion, ...ownHop } = own
  const hop = { ...outerHop, ...absolutePaths(ownHop, surroundings) }
  if (ownBastion === null) return hop
  if (ownBastion === undefined) return outerBastion === undefined ? hop : { ...hop, bastion: outerBastion }
  const bastion: SshHop = { ...hop, port: 22, ...absolutePaths(ownBastion, surroundings) }
  return { ...hop, bastion }
}

type Paths = Pick<SshInput, 'identityFile' | 'knownHosts'>

function absolutePaths<T extends Paths>(own: T, surroundings: Surroundings): T {
  const absolute = (paths: string[]) => paths.map((path) => absolutePath(path, surroundings))
  return {
    ...own,
    ...(own.identityFile && { identityFile: absolute(own.identityFile) }),
    ...(own.knownHosts && { knownHosts: absolute(own.knownHosts) }),
  }
}

/** A path of the inventory as an absolute one: `~` is the home folder, relative ones start from the inventory's folder. */
export function absolutePath(path: string, { folder, home }: Surroundings): string {
  return path === '~' || path.startsWith('~/') ? resolve(home, path.slice(2)) : resolve(folder, path)
}
