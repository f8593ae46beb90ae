import { expect } from 'vitest'
import { getNode, readyOf } from '../../e2e/support/api.js'
import { yurtSsh } from '../../e2e/support/cli.js'
import { expectConverted, expectNotRedirected } from '../../e2e/support/converted.js'
import { inNode } from '../../e2e/support/nodes.js'
import { differences, onlyOf, type Snapshot } from '../../e2e/support/snapshot.js'
import { snapshotHosts } from '../../e2e/support/snapshot-hosts.js'
import { waitFor } from '../../e2e/support/wait.js'
import type { Outcome } from './types.js'

/** The next run's plan, by host: whether it still converts it. */
export interface NextRun {
  status: number
  converts: ReadonlySet<string>
}

interface PlanJson {
  unsettled: string[]
  plan?: { phases: { kind: string; work?: { host: string; transaction?: { kind: string } }[] }[] }
}

/**
 * What the next run would do; nothing may be left for it to settle. A node that was cut off posts not Ready once more
 * before it is Ready, and no run is planned over such a node.
 */
export async function waitNextRun(nodes: readonly string[]): Promise<NextRun> {
  const { status, stdout, text } = await waitFor('the next run can be planned', 180, async () => {
    const run = await yurtSsh('convert', ['--check', '--json', '--limit', nodes.join()])
    const notReady = run.status === 7 ? run.text.match(/not Ready: [^"\n]*/) : null
    return notReady === null ? { done: run } : { waiting: notReady[0] }
  })
  expect([0, 10], text).toContain(status)
  const { plan, unsettled } = JSON.parse(stdout) as PlanJson
  expect(unsettled, 'nothing of a dead run is left').toEqual([])
  const works = (plan?.phases ?? []).flatMap(({ work }) => work ?? [])
  const converts = works.flatMap(({ host, transaction }) => (transaction?.kind === 'hub' ? [host] : []))
  return { status, converts: new Set(converts) }
}

/** A host is as it was, byte for byte, or converted and healthy; and the next run knows which. */
export async function judge(
  node: string,
  outcome: Outcome,
  native: Snapshot,
  next: NextRun,
): Promise<'as it was' | 'converted'> {
  const redirected =
    (await inNode(node, 'grep -c openyurt /var/lib/kubelet/kubeadm-flags.env || :')).trim() !== '0'
  if (outcome !== 'either') expect(redirected ? 'converted' : 'as it was', node).toBe(outcome)
  if (redirected) {
    await waitFor(`${node} converted and healthy`, 60, async () => {
      await expectConverted(node)
      return { done: true }
    })
  } else {
    expect(differences(onlyOf(node, native), await snapshotHosts([node])), `${node}, byte for byte`).toEqual(
      [],
    )
    // a kubelet that was just restarted has no connection at first
    await waitFor(`${node} talks to the API server itself`, 60, async () => {
      await expectNotRedirected(node)
      return { done: true }
    })
    await waitFor(`${node} Ready`, 120, async () => {
      const { status, reason } = readyOf(await getNode(node))
      return status === 'True' ? { done: true } : { waiting: `it is ${status}: ${reason}` }
    })
  }
  expect(next.converts.has(node), `the next run converts ${node}`).toBe(!redirected)
  return redirected ? 'converted' : 'as it was'
}
