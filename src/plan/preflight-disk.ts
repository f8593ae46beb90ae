import { imageFolders } from '../node/disks.js'
import type { DiskFacts, HostFacts } from '../node/types.js'
import type { Expect } from './checks.js'

/** Room for the hub's image. */
const imageKiB = 512 * 1024
/** Room for certificates, the hub's cache, and our backups. */
const otherKiB = 16 * 1024
/** An image is some hundred files, the cache one for each object. */
const neededInodes = 1000

/** Room for what a conversion writes. What is free where could not be told is a warning, never enough. */
export function diskCheck({ disks }: HostFacts, expect: Expect): void {
  const short = onePerMount(disks.filter((disk) => shortage(disk) !== undefined)).map(shortage)
  const unknown = disks.filter(({ freeKiB }) => freeKiB === undefined).map(({ folder }) => folder)
  const untold = disks.length === 0 ? 'any folder' : unknown.join(', ')
  const least = Math.min(...disks.map(({ freeKiB = Infinity }) => freeKiB))
  expect('Disk', short.length === 0 && untold === '', {
    ok: `${mib(least)} MiB free at least`,
    failed: short.length > 0 ? short.join('; ') : `df does not tell what is free under ${untold}`,
    hint:
      short.length > 0
        ? 'make room there: images that nothing runs, old logs'
        : 'see `df -Pk` on the host: is enough free there?',
    warning: short.length === 0,
  })
}

/** What a folder's file system lacks; undefined when nothing that is known. */
function shortage({ folder, freeKiB, freeInodes }: DiskFacts): string | undefined {
  const needed = imageFolders.includes(folder) ? imageKiB : otherKiB
  if (freeKiB !== undefined && freeKiB < needed)
    return `only ${mib(freeKiB)} MiB free under ${folder}, ${mib(needed)} are needed`
  if (freeInodes !== undefined && freeInodes < neededInodes)
    return `only ${freeInodes} more files fit under ${folder} (df -i), ${neededInodes} are needed`
  return undefined
}

/** The first folder of each file system. */
function onePerMount(disks: readonly DiskFacts[]): DiskFacts[] {
  return disks.filter(
    ({ mount }, index) => mount === undefined || disks.findIndex((other) => other.mount === mount) === index,
  )
}

const mib = (kib: number): number => Math.floor(kib / 1024)
