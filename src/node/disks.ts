import type { DiskFacts } from './types.js'

/**
 * Folders of a host that something is written to, each of which may be a mount of its own; the folder of static pods
 * comes behind them. First those that an image may be unpacked in, by containerd, Docker or CRI-O.
 */
export const imageFolders = ['/var/lib', '/var/lib/containerd', '/var/lib/docker', '/var/lib/containers']
export const diskFolders = [
  ...imageFolders,
  '/var/lib/kubelet',
  '/var/lib/yurt-ssh',
  '/etc/kubernetes',
  '/etc/systemd/system',
]

/** A line of `df -P` from its right end on: a device's name may hold blanks. */
const line = /^.*\s(\d+|-)\s+(?:-?\d+|-)\s+(-?\d+|-)\s+(?:\d+%|-)\s+(\/.*)$/

/** Folders with what df printed of them, in the same order; where a line is missing nobody knows whose. */
export function disksOf(folders: string[], kib: string[], inodes: string[]): DiskFacts[] {
  const lineOf = (lines: string[], index: number): string =>
    lines.length === folders.length ? (lines[index] ?? '') : ''
  return folders.map((folder, index) => {
    const mount = line.exec(lineOf(kib, index))?.[3]
    const freeKiB = freeOf(lineOf(kib, index))
    const freeInodes = freeOf(lineOf(inodes, index))
    return {
      folder,
      ...(mount === undefined ? {} : { mount }),
      ...(freeKiB === undefined ? {} : { freeKiB }),
      ...(freeInodes === undefined ? {} : { freeInodes }),
    }
  })
}

/** What is available. A file system of size 0 does not count: Btrfs has no number of inodes, an automount no size yet. */
function freeOf(text: string): number | undefined {
  const [, total = '-', available = '-'] = line.exec(text) ?? []
  if (total === '-' || available === '-' || Number(total) === 0) return undefined
  return Math.max(0, Number(available))
}
