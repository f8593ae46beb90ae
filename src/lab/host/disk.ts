import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultKind } from '../faults.js'
import type { Reply } from './calls.js'

export interface Disk {
  /** Words in front of every command of the host. */
  prefix(): readonly string[]
  df(args: readonly string[]): Reply
  setSlow(on: boolean): void
}

/** What a full disk still takes of one file, in KiB. */
const roomKiB = 128

/**
 * A host's disk. Nobody can fill a disk without root: while it is full, no process of the host can make a file longer
 * than 128 KiB (ulimit -f; a write beyond it fails, as the signal for it is ignored), and df says so.
 */
export function createDisk(lab: string, faults: ReadonlySet<FaultKind>): Disk {
  return {
    prefix: () =>
      faults.has('disk-full')
        ? ['/bin/sh', '-c', `trap '' XFSZ; ulimit -f ${roomKiB * 2}; exec "$@"`, 'disk-full']
        : [],
    df(args) {
      const free = faults.has('disk-full') ? roomKiB : 20 * 1024 * 1024
      const inodes = args.some((word) => /^-\w*i/.test(word))
      const header = inodes
        ? 'Filesystem       Inodes  IUsed    IFree IUse% Mounted on'
        : 'Filesystem     1024-blocks      Used Available Capacity Mounted on'
      const line = inodes
        ? '/dev/lab        2621440 131072  2490368    5% /'
        : `/dev/lab          41943040  20971520 ${free}      50% /`
      const lines = args.filter((word) => !word.startsWith('-')).map(() => line)
      return { status: 0, stdout: [header, ...lines, ''].join('\n') }
    },
    setSlow(on) {
      if (on) writeFileSync(join(lab, 'slow-disk'), '')
      else rmSync(join(lab, 'slow-disk'), { force: true })
    },
  }
}
