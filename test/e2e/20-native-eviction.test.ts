import { afterAll, describe, expect, it } from 'vitest'
import { startKubelet, stopKubelet } from './support/nodes.js'
import { isEvicted, removePods, runPod } from './support/pods.js'
import { waitFor } from './support/wait.js'

/** What is wrong with a native cluster at the edge: the reason for a conversion, and the proof that the next one measures something. */
describe('on a native cluster', () => {
  afterAll(async () => {
    await startKubelet('edge-2')
    await removePods()
  })

  it('a pod is evicted from an edge node whose kubelet is silent', async () => {
    await runPod('native-edge-2', 'edge-2')
    await stopKubelet('edge-2')
    await waitFor('the pod on edge-2 marked for deletion', 120, async () =>
      (await isEvicted('native-edge-2')) ? { done: true } : { waiting: 'it has no deletion mark' },
    )
    expect(await isEvicted('native-edge-2'), 'the mark stays').toBe(true)
  })
})
