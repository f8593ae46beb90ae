import { afterAll } from 'vitest'
import type { HostFacts } from '../../src/node/types.js'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import type { PlanOptions } from '../../src/plan/options.js'
import type { HostStep, HostTransaction } from '../../src/plan/types.js'
import { qualifiedImage } from '../../src/releases/release.js'
import type { ScriptContext } from '../../src/rollout/scripts.js'
import { type FollowOptions, runTransaction, type TransactionResult } from '../../src/rollout/transaction.js'
import type { ScriptResult } from '../../src/ssh/types.js'
import { hostNamed, options as nativeOptions, release } from '../support/facts.js'
import { type HostFile, hostFiles } from '../support/host-files.js'
import {
  createShellHost,
  hasShell,
  type ShellHost,
  type ShellKind,
  shellKinds,
} from '../support/shell-host.js'

export { release }

export const options: PlanOptions = { ...nativeOptions, hubTimeoutSeconds: 4 }

export const edge1 = hostNamed('edge-1')

export const context: ScriptContext = {
  runId: '20260102t030405-abcd',
  node: 'edge-1',
  release,
}

/** The shells that this machine has, each with the tools that go with it. */
export const shells = shellKinds.filter(hasShell)

export const id = `${context.runId}-hub`
export const runFolder = `/var/lib/yurt-ssh/runs/${id}`

const hosts: ShellHost[] = []
afterAll(() => {
  for (const made of hosts) made.remove()
})

/** A shell host that goes with its test file. */
export function host(
  kind: ShellKind,
  files: readonly HostFile[] = hostFiles.edge,
  { trace = false } = {},
): ShellHost {
  const made = createShellHost(kind, files, trace)
  hosts.push(made)
  return made
}

export function factsOf(shellHost: ShellHost): Promise<HostFacts> {
  return shellHost.facts({
    node: 'edge-1',
    images: [qualifiedImage(release.images.yurthub)],
    servers: [],
    release,
  })
}

/** The conversion of a host that nobody has touched: the same for all of a kind. */
export async function conversion(kind: ShellKind, seconds?: number): Promise<HostTransaction> {
  const known = fresh.get(kind.name) ?? freshFacts(kind)
  fresh.set(kind.name, known)
  return impatient(hubTransaction(edge1, await known, options), seconds)
}

const fresh = new Map<string, Promise<HostFacts>>()

async function freshFacts(kind: ShellKind): Promise<HostFacts> {
  const edge = createShellHost(kind, hostFiles.edge)
  try {
    return await factsOf(edge)
  } finally {
    edge.remove()
  }
}

export async function reversion(shellHost: ShellHost, seconds?: number): Promise<HostTransaction> {
  return impatient(planHostRevert(await factsOf(shellHost), options).transaction, seconds)
}

/** A transaction that waits `seconds` of the host at most, which pass ten times as fast. */
export function impatient(transaction: HostTransaction | undefined, seconds = 90): HostTransaction {
  if (transaction === undefined) throw new Error('there is nothing to do')
  const shorten = (step: HostStep): HostStep =>
    'timeoutSeconds' in step ? { ...step, timeoutSeconds: seconds } : step
  return { ...transaction, steps: transaction.steps.map(shorten), cleanup: transaction.cleanup.map(shorten) }
}

/** Runs a transaction as a run does; rejects as `runTransaction`. */
export async function run(
  shellHost: ShellHost,
  transaction: HostTransaction,
  follow: FollowOptions = {},
): Promise<TransactionResult> {
  const session = shellHost.connect()
  try {
    return await runTransaction(() => Promise.resolve(session), transaction, context, follow)
  } finally {
    session.close()
  }
}

/** Runs a script in a session of its own. */
export async function script(shellHost: ShellHost, text: string): Promise<ScriptResult> {
  const session = shellHost.connect()
  try {
    return await session.run(text, { timeoutSeconds: 30 })
  } finally {
    session.close()
  }
}

/** What a transaction leaves behind although it is over; nothing, that is. */
export function leftBehind(shellHost: ShellHost): string[] {
  return [
    '/var/lib/yurt-ssh/lock',
    '/etc/systemd/system/yurt-ssh-recover.service',
    '/etc/systemd/system/multi-user.target.wants/yurt-ssh-recover.service',
    '/run/systemd/system/yurt-ssh.service',
  ].filter((path) => shellHost.exists(path))
}

/** A snapshot without times: a revert restores bytes, modes and owners. */
export function withoutTimes(snapshot: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(snapshot).map(([path, is]) => [path, is.replace(/ at \d+/, '')]))
}

/** The kubeconfig of the running kubelet, '' when none runs. */
export function kubeconfigInUse(shellHost: ShellHost): string {
  const pid = shellHost.state('kubelet-pid')
  if (pid === '0') return ''
  const words = shellHost.read(`/proc/${pid}/cmdline`).split('\0')
  return words.findLast((word) => word.startsWith('--kubeconfig='))?.replace('--kubeconfig=', '') ?? ''
}
