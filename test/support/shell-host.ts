import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ClientChannel } from 'ssh2'
import { parseFacts } from '../../src/node/facts.js'
import { type FactsRequest, factsScript } from '../../src/node/facts-script.js'
import type { HostFacts } from '../../src/node/types.js'
import { createShell } from '../../src/ssh/shell.js'
import type { HostSession } from '../../src/ssh/types.js'
import type { HostFile } from './host-files.js'
import { scratchFolder } from './scratch.js'

/** A shell to run the host's scripts by, and whose tools it finds. */
export interface ShellKind {
  name: string
  /** The words that start it. */
  command: string[]
  tools: 'coreutils' | 'busybox'
}

export const shellKinds: ShellKind[] = [
  { name: 'dash', command: ['/usr/bin/dash'], tools: 'coreutils' },
  { name: 'busybox', command: ['/usr/bin/busybox', 'sh'], tools: 'busybox' },
]

/** How the host's programs behave; see test/support/shell-host/README.md. */
export interface World {
  hub?: 'is healthy' | 'never becomes healthy' | 'reaches no API server'
  kubelet?:
    | 'runs'
    | 'does not start with other flags'
    | 'ignores the hub'
    | 'is not ready'
    | 'has no heartbeat'
  kcm?: 'does not start'
  registry?: '000' | '401'
}

/**
 * A stand-in for a host: a folder, a real shell, and stand-ins for the programs that scripts call. Its clock runs ten
 * times as fast as ours.
 */
export interface ShellHost {
  readonly root: string
  /** What its processes have in their environment. */
  readonly env: Record<string, string>
  /** A session to it, over a shell of its own that `close` ends. */
  connect(): HostSession
  facts(request: FactsRequest): Promise<HostFacts>
  /** Path, kind, mode, owner, whole seconds and bytes of everything outside our own folder, and whether a hub runs. */
  snapshot(): Record<string, string>
  read(path: string): string
  exists(path: string): boolean
  write(path: string, text: string): void
  behave(world: World): void
  /** A line of the stand-ins' state, '' when it is not there. */
  state(name: string): string
  setState(name: string, value: string): void
  /** Until no unit runs, or it was killed with the whole host. */
  settled(): Promise<void>
  /** After a power cut: what was in memory is gone, the boot unit runs, then the kubelet. */
  boot(): void
  remove(): void
}

const standIns = fileURLToPath(new URL('./shell-host/', import.meta.url))
const programs = [
  'systemctl',
  'curl',
  'sleep',
  'date',
  'crictl',
  'iptables',
  'iptables-save',
  'ip',
  'journalctl',
]
const traced = ['mv', 'rm', 'mkdir', 'rmdir', 'chmod', 'ln', 'cp', 'sync']
/** The tools that facts.sh asks for, and others that a host may have. */
const tools = [
  ...(
    /for tool in ([^;]+);/.exec(
      readFileSync(join(standIns, '../../../templates/host/facts.sh.hbs'), 'utf8'),
    )?.[1] ?? ''
  ).split(' '),
  'sh',
  'mkfifo',
]

/** Whether this machine has the shell. */
export function hasShell({ command }: ShellKind): boolean {
  return existsSync(command[0] ?? '')
}

/**
 * A host with these files, all of them of some time ago. With `trace` its calls of tools that change something are in
 * `.lab/trace`, and a transaction can be killed in front of each.
 */
export function createShellHost(kind: ShellKind, files: readonly HostFile[], trace = false): ShellHost {
  const root = scratchFolder('yurt-ssh-host-')
  for (const file of files) putFile(root + file.path, file)
  const lab = join(root, '.lab')
  installPrograms(lab, kind, trace)
  const env = {
    PATH: join(lab, 'bin'),
    YURT_SSH_ROOT: root,
    LAB_SHELL: kind.command.join(' '),
    LAB_START: String(Math.floor(Date.now() / 1000)),
    LAB_UPTIME: readFileSync('/proc/uptime', 'utf8').split(' ')[0]?.replace('.', '') ?? '',
  }
  const run = (...words: string[]): void => {
    const [command = '', ...args] = words
    const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  }
  const state = (name: string): string => {
    const file = join(lab, name)
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : ''
  }
  const setState = (name: string, value: string): void => writeFileSync(join(lab, name), `${value}\n`)
  run(join(lab, 'bin/systemctl'), 'start', 'kubelet.service')
  const connect = (): HostSession => openShell(kind, env)
  return {
    root,
    env,
    connect,
    async facts(request) {
      const session = connect()
      const { status, stdout, stderr } = await session.run(factsScript(request), { timeoutSeconds: 30 })
      session.close()
      if (status !== 0 || stderr !== '') throw new Error(`facts: status ${status}, ${stderr}`)
      return parseFacts(stdout)
    },
    snapshot: () => ({ ...snapshot(root), ...(state('hub-runs') === '' ? {} : { hub: state('hub-runs') }) }),
    read: (path) => readFileSync(root + path, 'utf8'),
    exists: (path) => lstatSync(root + path, { throwIfNoEntry: false }) !== undefined,
    write(path, text) {
      mkdirSync(dirname(root + path), { recursive: true })
      writeFileSync(root + path, text)
    },
    behave(world) {
      for (const [program, behaviour] of Object.entries(world)) setState(program, behaviour)
    },
    state,
    setState,
    async settled() {
      for (let tries = 0; ['activating', 'active', 'deactivating'].includes(state('unit')); tries++) {
        if (tries > 1000) throw new Error(`the unit is ${state('unit')} after 10 s`)
        if (state('unit') !== 'activating' && !alive(Number(state('runner')))) return
        await wait(10)
      }
    },
    boot() {
      rmSync(join(root, 'run/systemd/system'), { recursive: true })
      mkdirSync(join(root, 'run/systemd/system'))
      for (const pid of readdirSync(join(root, 'proc')).filter((name) => /^\d+$/.test(name)))
        rmSync(join(root, 'proc', pid), { recursive: true })
      for (const name of ['unit', 'hub-runs', 'count-lingers']) rmSync(join(lab, name), { force: true })
      setState('kubelet-pid', '0')
      const link = join(root, 'etc/systemd/system/multi-user.target.wants/yurt-ssh-recover.service')
      if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) {
        const [, script = ''] = /^ExecStart=\/bin\/sh (.*)$/m.exec(readFileSync(link, 'utf8')) ?? []
        run(...kind.command, ...script.split(' '))
      }
      run(join(lab, 'bin/systemctl'), 'start', 'kubelet.service')
    },
    remove() {
      if (!['', 'inactive'].includes(state('unit')))
        for (const name of ['runner', 'main']) endGroup(Number(state(name)))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function putFile(path: string, { mode = '0777', text, link }: HostFile): void {
  mkdirSync(text === undefined && link === undefined ? path : dirname(path), { recursive: true })
  if (link !== undefined) {
    symlinkSync(link, path)
    return
  }
  if (text !== undefined) writeFileSync(path, text)
  chmodSync(path, Number.parseInt(mode, 8))
  if (text !== undefined) utimesSync(path, 1_767_323_045, 1_767_323_045)
}

function installPrograms(lab: string, kind: ShellKind, trace: boolean): void {
  for (const folder of ['bin', 'real']) mkdirSync(join(lab, folder), { recursive: true })
  for (const name of ['lab.sh', 'run-unit']) symlinkSync(join(standIns, name), join(lab, name))
  for (const name of programs) symlinkSync(join(standIns, name), join(lab, 'bin', name))
  if (process.getuid?.() !== 0) symlinkSync('/usr/bin/true', join(lab, 'bin/chown'))
  for (const name of trace ? traced : []) symlinkSync(join(standIns, 'traced'), join(lab, 'bin', name))
  for (const name of tools) {
    const file = kind.tools === 'busybox' ? '/usr/bin/busybox' : find(name)
    symlinkSync(file, join(lab, 'real', name))
    const link = join(lab, 'bin', name)
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(file, link)
  }
}

function find(name: string): string {
  const file = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => join(folder, name)).find(existsSync)
  if (file === undefined) throw new Error(`${name} is not installed`)
  return file
}

/** The session protocol of the product, with a local shell at the other end instead of an SSH channel. */
function openShell({ command }: ShellKind, env: NodeJS.ProcessEnv): HostSession {
  const [program = '', ...args] = command
  const child = spawn(program, [...args, '-s'], { env, cwd: '/' })
  const channel = Duplex.from({ readable: child.stdout, writable: child.stdin })
  channel.on('error', () => {})
  child.on('exit', (code) => channel.emit('exit', code))
  const shell = createShell(Object.assign(channel, { stderr: child.stderr }) as unknown as ClientChannel)
  return {
    host: 'edge-1',
    run: (script, options) => shell.run(script, options),
    close: () => void child.kill('SIGKILL'),
  }
}

/** A transaction that a failed test left running. */
function endGroup(leader: number): void {
  if (leader > 1 && alive(leader)) process.kill(-leader, 'SIGKILL')
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function snapshot(root: string, folder = ''): Record<string, string> {
  const entries = readdirSync(root + folder).flatMap((name): [string, string][] => {
    const path = `${folder}/${name}`
    if (['/.lab', '/proc', '/var/lib/yurt-ssh'].includes(path)) return []
    const { mode, uid, gid, mtimeMs } = lstatSync(root + path)
    const rights = `${(mode & 0o7777).toString(8)} ${uid}:${gid}`
    if ((mode & 0o170000) === 0o120000) return [[path, `link to ${readlinkSync(root + path)}`]]
    if ((mode & 0o170000) === 0o040000)
      return [[path, `folder ${rights}`], ...Object.entries(snapshot(root, path))]
    const sum = createHash('sha256')
      .update(readFileSync(root + path))
      .digest('hex')
      .slice(0, 12)
    return [[path, `file ${rights} at ${Math.floor(mtimeMs / 1000)}, ${sum}`]]
  })
  return Object.fromEntries(entries)
}
