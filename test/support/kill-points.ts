import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type HostTree, putTree, readTree } from './host-tree.js'
import { scratchFolder } from './scratch.js'

/** What enumerating kill points needs of a host: a folder that is all of its state, and a shell to run its scripts by. */
export interface KillableHost {
  readonly root: string
}

/** The host as a SIGKILL of the process group leaves it at one place. */
export interface KillPoint {
  /** `before` or `after`, and the external command. */
  at: string
  state: HostTree
}

export interface Recorder {
  /** Runs a script of a transaction and keeps the host before and after each of its external commands. */
  record(script: string, ...args: string[]): Promise<KillPoint[]>
  /** Runs a script of a transaction; `onCall` before and after each of its external commands, which wait for it. */
  watch(onCall: (call: string) => void, script: string, ...args: string[]): Promise<number>
  /** Runs a script of a transaction as systemd does, at full speed; its status. */
  run(script: string, ...args: string[]): Promise<number>
  /** What stands on the host. */
  state(): HostTree
  /** Puts the host into that state. */
  restore(state: HostTree): void
  remove(): void
}

const recorded = fileURLToPath(new URL('./shell-host/recorded', import.meta.url))
const standIns = fileURLToPath(new URL('./shell-host/', import.meta.url))

/** Makes a host's programs recordable; its clock is moved by sleeps alone from now on, so that runs repeat exactly. */
export function createRecorder({ root }: KillableHost, shell: readonly string[]): Recorder {
  const tools = scratchFolder('yurt-ssh-recorder-')
  const [stand, bin] = [join(tools, 'stand'), join(tools, 'bin')]
  renameSync(join(root, '.lab/bin'), stand)
  rmSync(join(stand, 'sync'))
  symlinkSync('/bin/true', join(stand, 'sync'))
  symlinkSync(stand, join(root, '.lab/bin'))
  symlinkSync(join(standIns, 'lab.sh'), join(tools, 'lab.sh'))
  rmSync(join(root, '.lab/real'), { recursive: true })
  mkdirSync(bin)
  for (const name of readdirSync(stand)) symlinkSync(recorded, join(bin, name))
  writeFileSync(join(root, '.lab/clock'), '0\n')
  writeFileSync(join(root, '.lab/no-manager'), '')
  const start = String(Math.floor(Date.now() / 1000))
  const execute = (
    path: string,
    words: readonly string[],
    onCall?: (call: string) => void,
  ): Promise<number> =>
    inGroup(
      [...shell, ...words],
      { PATH: path, YURT_SSH_ROOT: root, LAB_SHELL: shell.join(' '), LAB_START: start },
      onCall,
    )
  return {
    async record(...words) {
      const points: KillPoint[] = []
      await execute(bin, words, (call) => {
        const [known, state] = [points.at(-1)?.state, readTree(root)]
        // most programs only read
        points.push({ at: call.replaceAll(root, ''), state: known?.sum === state.sum ? known : state })
      })
      return points
    },
    watch: (onCall, ...words) => execute(bin, words, onCall),
    run: (...words) => execute(stand, words),
    state: () => readTree(root),
    restore: (state) => putTree(root, state),
    remove: () => rmSync(tools, { recursive: true, force: true }),
  }
}

/** One of each: points at which the host is the same, byte for byte, are one place to be killed at. */
export function distinct(points: readonly KillPoint[], seen: Set<string> = new Set()): KillPoint[] {
  return points.filter(({ state }) => isNew(state, seen))
}

/** Whether a state is not yet among those seen, and adds it to them. */
export function isNew({ sum }: HostTree, seen: Set<string>): boolean {
  const known = seen.has(sum)
  seen.add(sum)
  return !known
}

/**
 * Runs a program as the leader of a process group and ends what it leaves running, as KillMode does. What its programs
 * say on descriptor 3 is for `onCall`; they wait until it has returned.
 */
function inGroup(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  onCall?: (call: string) => void,
): Promise<number> {
  const [command = '', ...args] = words
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'ignore', 'ignore', ...(onCall === undefined ? [] : ['pipe' as const])] as const
    const child = spawn(command, args, { env, detached: true, stdio: [...stdio] })
    if (onCall !== undefined) answer(child.stdio[3] as Duplex, onCall)
    child.on('error', reject)
    child.on('exit', (code) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // nothing was left
      }
      resolve(code ?? -1)
    })
  })
}

function answer(calls: Duplex, onCall: (call: string) => void): void {
  let rest = ''
  calls.on('data', (bytes: Buffer) => {
    const texts = (rest + bytes.toString()).split('\u0001')
    rest = texts.pop() ?? ''
    for (const text of texts) {
      onCall(text)
      calls.write('\n')
    }
  })
  calls.on('error', () => undefined)
}

/** After a power cut: what was in memory is gone. The boot unit, where it is enabled, is the caller's to run. */
export function cutPower({ root }: KillableHost): void {
  rmSync(join(root, 'run/systemd/system'), { recursive: true, force: true })
  mkdirSync(join(root, 'run/systemd/system'), { recursive: true })
  for (const pid of readdirSync(join(root, 'proc')).filter((name) => /^\d+$/.test(name)))
    rmSync(join(root, 'proc', pid), { recursive: true })
  for (const name of ['unit', 'hub-runs', 'count-lingers']) rmSync(join(root, '.lab', name), { force: true })
  writeFileSync(join(root, '.lab/kubelet-pid'), '0\n')
  writeFileSync(join(root, '.lab/kcm-sum'), '\n')
}

/** Whether a boot would run the undo. */
export function bootUnitEnabled({ root }: KillableHost): boolean {
  return existsSync(join(root, 'etc/systemd/system/multi-user.target.wants/yurt-ssh-recover.service'))
}
