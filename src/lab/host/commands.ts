import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultKind } from '../faults.js'
import type { Clock } from '../types.js'
import type { Call, Reply } from './calls.js'
import { curl } from './curl.js'
import { date } from './date.js'
import type { Disk } from './disk.js'
import type { Firewall } from './firewall.js'
import type { Images } from './images.js'
import type { Journal } from './journal.js'
import type { Network } from './network.js'
import type { Processes } from './processes.js'
import type { Systemd } from './systemd/systemctl.js'

export interface CommandParts {
  root: string
  clock: Clock
  faults: ReadonlySet<FaultKind>
  systemd: Systemd
  journal: Journal
  network: Network
  firewall: Firewall
  images: Images
  disk: Disk
  processes: Processes
}

type Command = (args: readonly string[]) => Reply | Promise<Reply>

/** What answers the shims of a host, by the name of the program that they stand in for. */
export function createCommands(parts: CommandParts): (call: Call) => Promise<Reply> {
  const { clock, systemd, journal, network, firewall, images, disk } = parts
  const commands: Readonly<Record<string, Command>> = {
    async systemctl(args) {
      if (parts.faults.has('file-changed') && args.includes('start') && args.includes('yurt-ssh.service'))
        changeFlagsFile(parts.root)
      return systemd.systemctl(args)
    },
    journalctl: journal.journalctl,
    curl: (args) => curl(args, network, clock),
    iptables: firewall.iptables,
    'iptables-save': firewall.iptablesSave,
    ip: firewall.ip,
    crictl: images.crictl,
    ctr: images.ctr,
    docker: images.docker,
    date: (args) => date(args, clock.now()),
    df: disk.df,
    modprobe: () => ({ status: 0 }),
    'lab-kill': (args) => kill(args, parts.processes),
  }
  return async ({ name, args }) =>
    (await commands[name]?.(args)) ?? { status: 127, stderr: `${name}: not found\n` }
}

/** Somebody edits the kubelet's flags between plan and transaction. */
function changeFlagsFile(root: string): void {
  appendFileSync(join(root, 'var/lib/kubelet/kubeadm-flags.env'), '# lab fault: file-changed\n')
}

/** `kill` for processes of the lab: any signal but KILL counts as TERM. */
function kill(args: readonly string[], processes: Processes): Reply {
  const pid = Number(args.at(-1))
  const name = args.some((word) => /^-?(SIG)?KILL$|^-9$/.test(word)) ? 'KILL' : 'TERM'
  if (processes.signal(pid, name)) return { status: 0 }
  return { status: 1, stderr: `kill: (${pid}) - No such process\n` }
}
