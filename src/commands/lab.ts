import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { YurtSshError } from '../errors.js'
import { askLab, type LabStatus } from '../lab/daemon/control.js'
import { logFile, pidFile, prepareFolder, runningLab, socketFile } from '../lab/daemon/folder.js'
import { endLeftovers } from '../lab/daemon/leftovers.js'

export interface LabUpOptions {
  dir: string
  hosts: number
  speed: number
  /** The hub's first start takes the 40 s of the real one. */
  realistic: boolean
}

const program = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))
const upSeconds = 60
const downSeconds = 15

/**
 * Starts a lab in the background and returns once it answers.
 * @throws YurtSshError LAB_RUNS, LAB_DIR, LAB_START with the last lines of its log
 */
export async function labUp({ dir: given, hosts, speed, realistic }: LabUpOptions): Promise<LabStatus> {
  const dir = resolve(given)
  prepareFolder(dir)
  const log = openSync(logFile(dir), 'w', 0o600)
  const args = ['lab', 'serve', '--dir', dir, '--hosts', String(hosts), '--speed', String(speed)]
  const child = spawn(process.execPath, [program, ...args, ...(realistic ? ['--realistic'] : [])], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const gone = new Promise<'gone'>((settle) => {
    child.once('exit', () => settle('gone'))
    child.once('error', () => settle('gone'))
  })
  child.unref()
  for (const end = Date.now() + upSeconds * 1000; Date.now() < end; ) {
    const status = await askLab(dir, { verb: 'status' }).catch(() => undefined)
    if (status !== undefined) return status
    if ((await Promise.race([gone, sleep(100)])) === 'gone') break
  }
  const detail = readFileSync(logFile(dir), 'utf8').trim().split('\n').slice(-10).join('\n')
  await labDown(dir)
  throw new YurtSshError('LAB_START', 'the lab did not start', { detail })
}

/** Stops the lab in a folder, and whatever it left when it was killed; false when none ran there. */
export async function labDown(given: string): Promise<boolean> {
  const dir = resolve(given)
  const pid = runningLab(dir)
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM')
    for (const end = Date.now() + downSeconds * 1000; runningLab(dir) === pid && Date.now() < end; )
      await sleep(50)
    if (runningLab(dir) === pid) process.kill(pid, 'SIGKILL')
  }
  endLeftovers(dir)
  for (const file of [pidFile(dir), socketFile(dir)]) rmSync(file, { force: true })
  return pid !== undefined
}

/** Makes a host, or `api`, sick or well. @throws YurtSshError LAB_DOWN, USAGE_LAB */
export function labFault(dir: string, target: string, kind: string, on: boolean): Promise<LabStatus> {
  return askLab(resolve(dir), { verb: 'fault', target, kind, on })
}

/** @throws YurtSshError LAB_DOWN */
export function labStatus(dir: string): Promise<LabStatus> {
  return askLab(resolve(dir), { verb: 'status' })
}
