import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileError } from '../../errors/file.js'
import { YurtSshError } from '../../errors.js'

/** Everything that a lab makes in its folder. */
const own = new Set([
  'hosts',
  'id_ed25519',
  'known_hosts',
  'kubeconfig',
  'inventory.yaml',
  'lab.log',
  'lab.pid',
  'lab.sock',
])

export const pidFile = (dir: string): string => join(dir, 'lab.pid')
export const logFile = (dir: string): string => join(dir, 'lab.log')
export const socketFile = (dir: string): string => join(dir, 'lab.sock')

/** A unix socket's address has no room for more (unix(7), less the final NUL). */
const longestSocket = 107

/**
 * Makes the folder ready for a lab; what a lab before left there goes.
 * @throws YurtSshError LAB_RUNS, LAB_DIR
 */
export function prepareFolder(dir: string): void {
  if (runningLab(dir) !== undefined)
    throw new YurtSshError('LAB_RUNS', `a lab runs in ${dir}`, {
      hint: `stop it with \`yurt-ssh lab down --dir ${dir}\``,
    })
  if (Buffer.byteLength(socketFile(dir)) > longestSocket)
    throw new YurtSshError('LAB_DIR', `${dir} is too long a path for the lab's socket`, {
      hint: 'give a shorter --dir',
    })
  const entries = namesIn(dir)
  const foreign = entries.filter((name) => !own.has(name))
  if (foreign.length > 0) {
    throw new YurtSshError('LAB_DIR', `${dir} holds what is no lab's: ${foreign.slice(0, 3).join(', ')}`, {
      hint: 'give a folder that is empty, not there, or of an earlier lab',
    })
  }
  for (const name of entries) rmSync(join(dir, name), { recursive: true })
}

/** What is in a folder, which is made where it is not there. */
function namesIn(dir: string): string[] {
  try {
    mkdirSync(dir, { recursive: true })
    return readdirSync(dir)
  } catch (cause) {
    throw fileError('LAB_DIR', `the lab's folder ${dir}`, 'written', cause)
  }
}

/** The process id of the lab that runs in a folder; a number that another process has by now does not count. */
export function runningLab(dir: string): number | undefined {
  if (!existsSync(pidFile(dir))) return undefined
  const pid = Number(readFileSync(pidFile(dir), 'utf8'))
  const words = commandLine(pid)
  return words.includes('serve') && words.includes(dir) ? pid : undefined
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
