import type { RunningCli } from '../../e2e/support/cli.js'
import { startYurtSsh, yurtSsh } from '../../e2e/support/cli.js'
import { inNode } from '../../e2e/support/nodes.js'
import { sleep } from '../../e2e/support/wait.js'
import { steps } from '../support/steps.js'
import type { HostFault, RunFault } from '../support/types.js'

const at = (pattern: RegExp) => new RegExp(`edge-\\d: ${pattern.source}`)
const of = (pattern: RegExp) => (node: string) => new RegExp(`${node}: ${pattern.source}`)

const killed = Object.entries(steps).map(
  ([step, pattern]): RunFault => ({
    kind: 'run',
    name: `client killed at ${step}`,
    minutes: 3,
    act: { at: at(pattern), does: (running) => Promise.resolve(running.child.kill('SIGKILL')) },
    outcome: 'converted',
    status: [-1],
  }),
)

/** Every process that belongs to a login over SSH. */
const endSessions = `for pid in $(systemctl show -p MainPID --value ssh | xargs pgrep -P); do pkill -KILL -s "$(ps -o sid= -p "$pid" | tr -d ' ')" || :; kill -KILL "$pid" 2>/dev/null || :; done`

const cut = Object.entries(steps).map(
  ([step, pattern]): HostFault => ({
    kind: 'host',
    name: `link cut at ${step}`,
    minutes: 1.5,
    act: { at: of(pattern), does: (node) => inNode(node, endSessions) },
    outcome: 'converted',
  }),
)

async function stopFor(running: RunningCli, seconds: number): Promise<void> {
  running.child.kill('SIGSTOP')
  await sleep(seconds)
  running.child.kill('SIGCONT')
}

export const clientFaults: (RunFault | HostFault)[] = [
  ...killed,
  ...cut,
  {
    kind: 'run',
    name: 'client stopped for 90 s, as by a laptop that sleeps',
    minutes: 4,
    act: { at: at(steps['the wait for the hub']), does: (running) => stopFor(running, 90) },
    outcome: 'converted',
    // its lock may have run out meanwhile, which it finds out and says
    status: [0, 6],
  },
  {
    kind: 'run',
    name: 'two clients at once: the second is refused, or finds the work done',
    minutes: 3,
    act: {
      at: at(steps['the hub’s manifest']),
      async does() {
        const { status, text } = await yurtSsh('convert', ['--yes', '--limit', 'edge-1'])
        // a first one that ends before its lock was seen being renewed leaves the second nothing to do
        const late = status === 0 && text.includes('Nothing to do.')
        if (status !== 6 && !late) throw new Error(`the second client ended with ${status}:\n${text}`)
      },
    },
    outcome: 'converted',
    status: [0],
  },
  {
    kind: 'run',
    name: 'Ctrl-C once: running hosts finish, exit 130',
    minutes: 3,
    act: {
      at: at(steps['the wait for the hub']),
      does: (running) => Promise.resolve(running.child.kill('SIGINT')),
    },
    outcome: 'converted',
    status: [130],
  },
  {
    kind: 'run',
    name: 'Ctrl-C twice: the client leaves, hosts finish alone',
    minutes: 3,
    act: {
      at: at(steps['the wait for the hub']),
      async does(running) {
        running.child.kill('SIGINT')
        await running.line(/Stopping/, 10)
        running.child.kill('SIGINT')
        const { seconds } = await running.finished
        if (seconds > 200) throw new Error(`left after ${seconds} s only`)
      },
    },
    outcome: 'converted',
    status: [130],
  },
  {
    kind: 'run',
    name: 'a second run over a dead one: it waits for the host and does the rest',
    minutes: 4,
    act: {
      at: at(steps['the wait for the hub']),
      async does(running) {
        running.child.kill('SIGKILL')
        await running.finished
        const { status, text } = await startYurtSsh('convert', ['--yes', '--limit', 'edge-1,edge-2']).finished
        if (status !== 0) throw new Error(`the run over the dead one ended with ${status}:\n${text}`)
      },
    },
    outcome: 'converted',
    status: [-1],
  },
  {
    kind: 'host',
    name: 'sshd killed with its sessions, away for 20 s',
    minutes: 2,
    act: {
      at: of(steps['the wait for the hub']),
      async does(node) {
        await inNode(node, 'systemctl kill -s KILL ssh.service; systemctl stop ssh.socket ssh.service')
        await sleep(20)
        await inNode(node, 'systemctl start ssh.service')
      },
    },
    outcome: 'converted',
  },
  {
    kind: 'host',
    name: 'sessions and all they started killed at log-out',
    minutes: 2,
    act: {
      at: of(steps['the hub’s manifest']),
      // what logind's KillUserProcesses does: everything in the session's scope
      does: (node) => inNode(node, 'systemctl kill -s KILL ssh.service; systemctl restart ssh.service'),
    },
    outcome: 'converted',
  },
  {
    kind: 'host',
    name: 'sudo, or the key, revoked in the middle',
    minutes: 3,
    act: {
      at: of(steps['the hub’s manifest']),
      async does(node) {
        await inNode(
          node,
          `[ ! -e /etc/sudoers.d/ops ] || mv /etc/sudoers.d/ops /root/ops.sudoers
           [ ! -e /root/.ssh/authorized_keys ] || mv /root/.ssh/authorized_keys /root/.ssh/revoked
           ${endSessions}`,
        )
        await sleep(60)
        await restoreAccess(node)
      },
    },
    disarm: restoreAccess,
    outcome: 'converted',
  },
]

function restoreAccess(node: string): Promise<string> {
  return inNode(
    node,
    `[ ! -e /root/ops.sudoers ] || mv /root/ops.sudoers /etc/sudoers.d/ops
     [ ! -e /root/.ssh/revoked ] || mv /root/.ssh/revoked /root/.ssh/authorized_keys`,
  )
}
