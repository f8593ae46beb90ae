import { accessSync, constants, mkdirSync, mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const memory = '/dev/shm'

/** How the name of a test run's own folder begins. */
export const ownFolder = 'yurt-ssh-run-of-tests-'

/** A new folder, in memory where there is plenty: stand-in hosts are copied thousands of times. */
export function scratchFolder(prefix: string): string {
  if (!roomy()) return mkdtempSync(join(tmpdir(), prefix))
  mkdirSync(memoryFolder(), { recursive: true })
  return mkdtempSync(join(memoryFolder(), prefix))
}

/** In memory: the one that goes with a test run's own folder for temporary files. */
export function memoryFolder(): string {
  const own = basename(tmpdir())
  return own.startsWith(ownFolder) ? join(memory, own) : memory
}

function roomy(): boolean {
  try {
    accessSync(memory, constants.W_OK)
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize > 2 ** 30
  } catch {
    return false
  }
}
