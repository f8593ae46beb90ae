import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ReplayMember } from '../src/lab/replay/fleet.js'
import { hostFiles } from '../test/support/host-files.js'
import { createShellHost, hasShell, type ShellHost, shellKinds } from '../test/support/shell-host.js'

/** A real sshd on a loopback address of its own; what it lets in lives in a folder with a real shell. */
export interface RealHost extends ReplayMember {
  machine: ShellHost
}

export interface RealHosts {
  folder: string
  port: number
  hosts: RealHost[]
  /** New machines behind the same sshds, as kubeadm left them. */
  renew(): void
  /** While on, what a client writes to a host's shell is kept in FOLDER/NAME/sent. */
  capture(on: boolean): void
  stop(): Promise<void>
}

export const sshd = '/usr/sbin/sshd'
const port = 2222

/** One sshd per host, each of them with Debian's own MaxStartups. */
export async function startRealHosts(members: readonly ReplayMember[]): Promise<RealHosts> {
  const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-fleet-'))
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  for (const name of ['id', 'host_key']) keygen(join(folder, name))
  const hostKey = readFileSync(join(folder, 'host_key.pub'), 'utf8')
  const lines = members.map(({ address }) => `[${address}]:${port} ${hostKey}`)
  writeFileSync(join(folder, 'known_hosts'), lines.join(''))
  const hosts = members.map((member): RealHost => ({ ...member, machine: newMachine(member) }))
  const daemons: ChildProcess[] = []
  for (const host of hosts) {
    mkdirSync(join(folder, host.name))
    writeLogin(folder, host)
    const config = join(folder, host.name, 'sshd_config')
    writeFileSync(config, sshdConfig(folder, host))
    daemons.push(spawn(sshd, ['-D', '-f', config], { stdio: 'ignore' }))
  }
  for (const { address } of hosts) await answering(address)
  return {
    folder,
    port,
    hosts,
    renew() {
      for (const host of hosts) {
        host.machine.remove()
        host.machine = newMachine(host)
        writeLogin(folder, host)
      }
    },
    capture(on) {
      for (const { name } of hosts) {
        if (on) writeFileSync(join(folder, name, 'sent'), '')
        else rmSync(join(folder, name, 'sent'))
      }
    },
    async stop() {
      for (const daemon of daemons) daemon.kill()
      // the next fleet has the same addresses
      await Promise.all(daemons.map((daemon) => daemon.exitCode ?? once(daemon, 'exit')))
      for (const { machine } of hosts) machine.remove()
      rmSync(folder, { recursive: true })
    },
  }
}

function newMachine({ name, role }: ReplayMember): ShellHost {
  const kind = shellKinds.find(hasShell)
  if (kind === undefined) throw new Error('neither dash nor busybox is installed')
  const machine = createShellHost(kind, role === 'control-plane' ? hostFiles.controlPlane : hostFiles.edge)
  machine.write('/proc/sys/kernel/hostname', `${name}\n`)
  machine.write('/proc/uptime', '0.00 0.00\n')
  return machine
}

function sshdConfig(folder: string, { name, address }: RealHost): string {
  return `Port ${port}
ListenAddress ${address}
HostKey ${folder}/host_key
AuthorizedKeysFile ${folder}/id.pub
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp /usr/lib/openssh/sftp-server
SetEnv HOME=${folder}
ForceCommand /bin/sh ${folder}/${name}/login
`
}

/** What sshd starts for every command: the host's own environment, then the command. */
function writeLogin(folder: string, { name, machine }: RealHost): void {
  const own = join(folder, name)
  const variables = Object.entries(machine.env).map(([variable, value]) => `${variable}='${value}'`)
  const text = `export ${variables.join(' ')}
if [ -f ${own}/sent ]; then
  /usr/bin/tee -a ${own}/sent | /usr/bin/dash -c "$SSH_ORIGINAL_COMMAND"
  exit
fi
exec /usr/bin/dash -c "$SSH_ORIGINAL_COMMAND"
`
  writeFileSync(join(own, 'login'), text)
}

function keygen(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', path])
}

async function answering(address: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port }, () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    if (tries > 100) throw new Error(`no sshd answers on ${address}:${port}`)
    await pause(50)
  }
}

/** What the fleet needs of this machine and has not. */
export function missingForFleet(): string | undefined {
  const wanted = { 'openssh-server': sshd, 'ansible-core': '/usr/bin/ansible-playbook' }
  const missing = Object.entries(wanted).filter(([, file]) => !existsSync(file))
  if (missing.length > 0) return `apt-get install ${missing.map(([name]) => name).join(' ')}`
  return process.getuid?.() === 0 ? undefined : 'run it as root: sshd lets it in as root'
}
