import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { Host, SshSettings } from '../../src/inventory/types.js'

/** A real sshd on a loopback port, with keys and configuration of its own in a folder that goes with it. */
export interface Sshd {
  readonly port: number
  /** Temporary folder; `id` in it is a private key that may log in. */
  readonly folder: string
  /** The host's public keys, as `type base64`. */
  readonly hostKeys: string[]
  /** Connections that sshd has seen. */
  connections(): number
  /** What sshd has logged. */
  log(): string
  stop(): Promise<void>
}

const programs = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd']
const program = programs.find(existsSync)
const isRoot = userInfo().uid === 0

const needs = {
  sshd: program === undefined ? 'sshd is not installed' : undefined,
  root: isRoot ? undefined : 'not root, and the session is a root shell',
  sudo: spawnable('sudo') ? undefined : 'sudo is not installed',
  ssh: spawnable('ssh') ? undefined : 'ssh is not installed',
  keygen: spawnable('ssh-keygen') ? undefined : 'ssh-keygen is not installed',
}

function spawnable(name: string): boolean {
  return `${process.env.PATH}:/usr/sbin:/sbin`.split(':').some((folder) => existsSync(join(folder, name)))
}

/** A suite that needs something of the machine: skipped with the reason in its name, or failing under REQUIRE_ALL=1. */
export function describeWith(need: (keyof typeof needs)[], name: string, body: () => void): void {
  const missing = need.flatMap((what) => needs[what] ?? [])
  if (missing.length === 0) return void describe(name, body)
  if (process.env.REQUIRE_ALL !== '1')
    return void describe.skip(`${name} (skipped: ${missing.join(', ')})`, body)
  describe(name, () => {
    it('has what it needs', () => {
      throw new Error(`REQUIRE_ALL=1, but ${missing.join(', ')}`)
    })
  })
}

/** Makes a key pair at `path` and `path`.pub; returns the public key as `type base64`. */
export function keygen(path: string, type = 'ed25519', passphrase = ''): string {
  const options = type === 'rsa' ? ['-b', '2048'] : []
  execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-N', passphrase, '-C', 'test', '-f', path])
  return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
}

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface SshdOptions {
  hostKeyTypes?: string[]
  /** Further lines of sshd_config. */
  config?: string[]
}

export async function startSshd({
  hostKeyTypes = ['ed25519'],
  config = [],
}: SshdOptions = {}): Promise<Sshd> {
  if (program === undefined) throw new Error('sshd is not installed')
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'))
  const port = await freePort()
  writeFileSync(join(folder, 'authorized_keys'), `${keygen(join(folder, 'id'))}\n`)
  const hostKeys = hostKeyTypes.map((type) => keygen(join(folder, `host_${type}`), type))
  // The first value of a keyword counts.
  const lines = [
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeyTypes.map((type) => `HostKey ${folder}/host_${type}`),
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
  ]
  writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`)
  const child = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  await listening(child, () => log)
  return {
    port,
    folder,
    hostKeys,
    log: () => log,
    connections: () => log.split('Connection from ').length - 1,
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await exited
      rmSync(folder, { recursive: true })
    },
  }
}

async function listening(child: ChildProcess, log: () => string): Promise<void> {
  for (let waited = 0; !log().includes('Server listening'); waited += 20) {
    if (child.exitCode !== null || waited > 5000) throw new Error(`sshd did not start: ${log()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** SSH settings that reach an sshd: its key trusted through a known_hosts file of their own. */
export function settingsFor(sshd: Sshd, changes: Partial<SshSettings> = {}): SshSettings {
  const knownHosts = join(sshd.folder, 'known_hosts')
  writeFileSync(knownHosts, sshd.hostKeys.map((key) => `[127.0.0.1]:${sshd.port} ${key}\n`).join(''))
  return {
    address: '127.0.0.1',
    port: sshd.port,
    user: userInfo().username,
    identityFile: [join(sshd.folder, 'id')],
    identitiesOnly: true,
    knownHosts: [knownHosts],
    strictHostKeyChecking: 'strict',
    connectTimeout: 10,
    ...changes,
  }
}

export function hostWith(ssh: SshSettings, name = 'edge-1'): Host {
  const position = { file: 'hosts.yaml', line: 1, column: 1 }
  return { name, node: name, role: 'edge', groups: [], hub: true, hubArgs: [], ssh, position }
}
