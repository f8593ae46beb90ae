import { expect } from 'vitest'
import { startYurtSsh, yurtSsh } from '../../e2e/support/cli.js'
import { startKubelet } from '../../e2e/support/nodes.js'
import { differences, onlyOf, type Snapshot } from '../../e2e/support/snapshot.js'
import { snapshotHosts } from '../../e2e/support/snapshot-hosts.js'
import { noteRun } from './history.js'
import { waitQuiet } from './quiet.js'
import type { HostFault, RunFault, Story, WorkerFault } from './types.js'
import { judge, type NextRun, waitNextRun } from './verdict.js'

/** The hosts that faults happen to; cloud-1 stays converted, so that a revert leaves the control plane alone. */
export const victims = ['edge-1', 'edge-2'] as const
const alone = 600

/** One run, and the cases that are tried in it. */
export interface Round {
  cases: { fault: WorkerFault; node: string }[]
}

/** Host faults two by two; everything else alone. */
export function rounds(faults: readonly WorkerFault[]): Round[] {
  const [first, second] = victims
  const shared = faults.filter((fault) => fault.kind === 'host')
  const pairs = Array.from({ length: Math.ceil(shared.length / 2) }, (_, index) =>
    shared.slice(2 * index, 2 * index + 2),
  )
  return [
    ...pairs.map(([one, other]) => ({
      cases: [
        ...(one === undefined ? [] : [{ fault: one, node: first }]),
        ...(other === undefined ? [] : [{ fault: other, node: second }]),
      ],
    })),
    ...faults.filter((fault) => fault.kind !== 'host').map((fault) => ({ cases: [{ fault, node: first }] })),
  ]
}

/** Runs a round and takes the hosts back; what each case came to, by its name. */
export async function runRound(round: Round, native: Snapshot): Promise<Map<string, unknown>> {
  const verdicts = new Map<string, unknown>()
  // a node that was cut off may report itself not Ready at first
  await Promise.all(victims.map((node) => startKubelet(node)))
  const { text, broken } = await provoke(round)
  const left = await yurtSsh('recover', ['--yes', '--limit', victims.join()])
  const next =
    left.status === 0 ? await waitNextRun(victims).catch((error: unknown) => error) : new Error(left.text)
  for (const { fault, node } of round.cases) {
    const hosts = fault.kind === 'run' ? victims : [node]
    const verdict = async (): Promise<void> => {
      if (broken !== undefined) throw broken
      if (next instanceof Error) throw next
      if (fault.kind === 'host' && fault.says !== undefined) expect(text).toMatch(fault.says)
      for (const host of hosts) await judge(host, fault.outcome, native, next as NextRun)
    }
    verdicts.set(fault.name, await verdict().catch((error: unknown) => error))
    noteRun(fault.name)
  }
  const revert = await takeBack(native).catch((error: unknown) => error)
  if (revert !== undefined)
    for (const { fault } of round.cases) verdicts.set(fault.name, verdicts.get(fault.name) ?? revert)
  return verdicts
}

interface Provoked {
  text: string
  /** Why the case itself failed, beside what its hosts came to. */
  broken?: unknown
}

async function provoke(round: Round): Promise<Provoked> {
  const [only] = round.cases
  if (only?.fault.kind === 'story') return tell(only.fault, only.node)
  if (only?.fault.kind === 'run') return provokeRun(only.fault)
  return provokeHosts(round.cases as { fault: HostFault; node: string }[])
}

async function tell(story: Story, node: string): Promise<Provoked> {
  const broken = await story.tell(node).catch((error: unknown) => error)
  return broken === undefined ? { text: '' } : { text: '', broken }
}

async function provokeRun({ act, status }: RunFault): Promise<Provoked> {
  const running = startYurtSsh('convert', ['--yes', '--limit', victims.join()])
  const acted = running.line(act.at, 240).then(() => act.does(running))
  const broken = await acted.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (broken !== undefined) running.child.kill('SIGKILL')
  const { status: found, text } = await running.finished
  for (const node of victims) await waitQuiet(node, alone)
  if (broken !== undefined) return { text, broken }
  return status.includes(found)
    ? { text }
    : { text, broken: new Error(`exit code ${found}, not ${status.join('/')}:\n${text}`) }
}

async function provokeHosts(cases: readonly { fault: HostFault; node: string }[]): Promise<Provoked> {
  const disarm = (): Promise<unknown> => Promise.all(cases.map(({ fault, node }) => fault.disarm?.(node)))
  try {
    await Promise.all(cases.map(({ fault, node }) => fault.arm?.(node)))
    return await convertUnderFaults(cases)
  } catch (broken) {
    return { text: '', broken }
  } finally {
    await disarm()
  }
}

async function convertUnderFaults(cases: readonly { fault: HostFault; node: string }[]): Promise<Provoked> {
  const limit = cases.map(({ node }) => node).join()
  // a disk that is full from the start would be refused
  const running = startYurtSsh('convert', ['--yes', '--limit', limit, '--ignore-preflight-errors', 'Disk'])
  const acts = cases.map(async ({ fault, node }) => {
    if (fault.act === undefined) return
    await running.line(fault.act.at(node), 300)
    await fault.act.does(node, running)
  })
  const acted = Promise.allSettled(acts)
  const { text } = await running.finished
  const failed = (await acted).find((one): one is PromiseRejectedResult => one.status === 'rejected')
  for (const { node } of cases) await waitQuiet(node, alone)
  return failed === undefined ? { text } : { text, broken: failed.reason as unknown }
}

/** Both hosts native again, byte for byte: the end of every round, and a proof of its own. */
async function takeBack(native: Snapshot): Promise<undefined> {
  const { status, text } = await yurtSsh('revert', ['--yes', '--limit', victims.join()])
  expect(status, text).toBe(0)
  for (const node of victims)
    expect(
      differences(onlyOf(node, native), await snapshotHosts([node])),
      `${node} after its revert`,
    ).toEqual([])
  return undefined
}
