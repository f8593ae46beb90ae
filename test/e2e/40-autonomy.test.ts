import { afterAll, describe, expect, it } from 'vitest'
import { getNode } from './support/api.js'
import { edgeNodes, speed } from './support/lab.js'
import { startKubelet, stopKubelet } from './support/nodes.js'
import { findPod, isEvicted, removePods, runPod } from './support/pods.js'
import { sleep } from './support/wait.js'

/** All times are the lab's. */
const watchedSeconds = 120
/** A hub speaks for its kubelet for 40 s more; then the grace period, the taint, the tolerated 5 s: 106 s were seen. */
const limitSeconds = 400

interface Timeline {
  taintedAt?: number
  evictedAt?: number
}

describe('on the converted cluster, both edge kubelets silent', () => {
  const timelines = new Map<string, Timeline>(edgeNodes.map((node) => [node, {}]))
  let keptSeconds = 0

  afterAll(async () => {
    await Promise.all(edgeNodes.map((node) => startKubelet(node)))
    await removePods()
  })

  it('taints come, and are watched for two minutes', async () => {
    await Promise.all(edgeNodes.map((node) => runPod(podOn(node), node)))
    await Promise.all(edgeNodes.map((node) => stopKubelet(node)))
    const began = Date.now()
    const seconds = (): number => ((Date.now() - began) / 1000) * speed
    for (;;) {
      await Promise.all(edgeNodes.map((node) => look(node, seconds(), timelines.get(node) ?? {})))
      const { taintedAt } = timelines.get('edge-1') ?? {}
      keptSeconds = taintedAt === undefined ? 0 : seconds() - taintedAt
      if (keptSeconds >= watchedSeconds && timelines.get('edge-2')?.evictedAt !== undefined) break
      if (timelines.get('edge-1')?.evictedAt !== undefined) break
      if (seconds() > limitSeconds) throw new Error(`not seen within ${limitSeconds} s: ${story()}`)
      await sleep(1 / speed)
    }
    process.stdout.write(`${story()}\n`)
    expect(timelines.get('edge-1')?.taintedAt, 'edge-1 was tainted NoExecute').toBeDefined()
  })

  it('a pod stays on an autonomous edge node, two minutes from its NoExecute taint', async () => {
    expect(
      timelines.get('edge-1')?.evictedAt,
      `seconds until the pod on edge-1 was evicted; ${story()}`,
    ).toBeUndefined()
    expect(keptSeconds, 'seconds watched since the taint').toBeGreaterThanOrEqual(watchedSeconds)
    expect(await noExecute('edge-1'), 'edge-1 is still tainted: the pod was at risk all the time').toBe(true)
    expect(
      (await findPod(podOn('edge-1')))?.metadata.deletionTimestamp,
      'deletion mark of the pod on edge-1',
    ).toBeUndefined()
    expect(await findPod(podOn('edge-1')), 'the pod on edge-1').toBeDefined()
  })

  it('a pod is still evicted from an edge node that is not autonomous', () => {
    const { taintedAt, evictedAt } = timelines.get('edge-2') ?? {}
    expect(evictedAt, `seconds until the pod on edge-2 was evicted; ${story()}`).toBeDefined()
    expect(taintedAt, `seconds until edge-2 was tainted; ${story()}`).toBeLessThanOrEqual(evictedAt ?? 0)
  })

  function story(): string {
    return [...timelines]
      .map(
        ([node, { taintedAt, evictedAt }]) =>
          `${node}: NoExecute after ${round(taintedAt)}, deletion mark after ${round(evictedAt)}`,
      )
      .join('; ')
  }
})

async function look(node: string, now: number, timeline: Timeline): Promise<void> {
  const [tainted, evicted] = await Promise.all([noExecute(node), isEvicted(podOn(node))])
  if (tainted) timeline.taintedAt ??= now
  if (evicted) timeline.evictedAt ??= now
}

async function noExecute(node: string): Promise<boolean> {
  const { spec } = await getNode(node)
  return (spec.taints ?? []).some(
    ({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute',
  )
}

function podOn(node: string): string {
  return `autonomy-${node}`
}

function round(seconds: number | undefined): string {
  return seconds === undefined ? 'never' : `${seconds.toFixed(0)} s`
}
