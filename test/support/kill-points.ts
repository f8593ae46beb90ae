import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scratchFolder } from './scratch.js'

/** What enumerating kill points needs of a host: a folder that is all of its state, and a shell to run its scripts by. */
export interface KillableHost {
  readonly root: string
}

/** The host as a SIGKILL of the process group leaves it at one place. */
export interface KillPoint {
  /** `before` or `after`, and the external command. */
  at: string
  /** A copy of the host's folder. */
  state: string
}

export interface Recorder {
  /** Runs a script of a transaction and keeps the host before and after each of its external commands. */
  record(script: string, ...args: string[]): Promise<KillPoint[]>
  /** Runs a script of a transaction as systemd does, at full speed; its status. */
  run(script: string, ...args: string[]): Promise<number>
  /** Puts the host into that state; with `last` that uses up the state's copy. */
  restore(point: KillPoint, last?: boolean): void
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
  let runs = 0
  const execute = (path: string, states: string, script: string, args: readonly string[]): Promise<number> =>
    inGroup([...shell, script, ...args], {
      PATH: path,
      YURT_SSH_ROOT: root,
      LAB_SHELL: shell.join(' '),
      LAB_START: start,
      LAB_STATES: states,
    })
  return {
    async record(script, ...args) {
      const states = join(tools, `states-${++runs}`)
      mkdirSync(states)
      await execute(bin, states, script, args)
      const names = readdirSync(states).filter((name) => name.endsWith('.at'))
      return names
        .map((name) => Number(name.slice(0, -3)))
        .sort((a, b) => a - b)
        .map((number) => ({
          at: readFileSync(join(states, `${number}.at`), 'utf8')
            .trim()
            .replaceAll(root, ''),
          state: join(states, String(number)),
        }))
    },
    run: (script, ...args) => execute(stand, '', script, args),
    restore({ state }, last = false) {
      rmSync(root, { recursive: true })
      if (last) renameSync(state, root)
      else spawnSync('cp', ['-a', state, root])
    },
    remove: () => rmSync(tools, { recursive: true, force: true }),
  }
}

/** One of each: points at which the host is the same, byte for byte, are one place to be killed at. */
export function distinct(points: readonly KillPoint[], seen: Set<string> = new Set()): KillPoint[] {
  return points.filter(({ state }) => isNew(state, seen))
}

/** Whether a host's folder is not yet among those seen, and adds it to them. */
export function isNew(root: string, seen: Set<string>): boolean {
  const sum = createHash('sha256').update(describe(root).join('\n')).digest('hex')
  const known = seen.has(sum)
  seen.add(sum)
  return !known
}

/** Everything that decides what an undo does: all files but the transcript, and the stand-ins' state but clock and logs. */
function describe(root: string, folder = ''): string[] {
  return readdirSync(root + folder)
    .sort()
    .flatMap((name): string[] => {
      const path = `${folder}/${name}`
      if (/^\/var\/lib\/yurt-ssh\/runs\/[^/]+\/out$/.test(path) || ignored.test(path)) return []
      const { mode } = lstatSync(root + path)
      const kind = mode & 0o170000
      if (kind === 0o120000) return [`${path} -> ${readlinkSync(root + path)}`]
      if (kind === 0o040000) return [`${path} ${mode}`, ...describe(root, path)]
      return [`${path} ${mode} ${readFileSync(root + path).toString('base64')}`]
    })
}

const ignored = /^\/\.lab\/(clock|trace|systemctl-calls|unit-log|bin|count-pid|images)$|yurthub-current\.pem$/

/** Runs a program as the leader of a process group and ends what it leaves running, as KillMode does. */
function inGroup(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command = '', ...args] = words
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, detached: true, stdio: 'ignore' })
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
