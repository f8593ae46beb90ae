import { messageOf } from '../errors.js'
import { hasCode } from './api-errors.js'
import { type Clock, microTime } from './clock.js'
import { unchangedSince } from './diff.js'
import type { Cluster, KubeObject, ObjectRef } from './types.js'

export interface Renewal {
  cluster: Cluster
  ref: ObjectRef
  holder: string
  clock: Clock
  durationSeconds: number
  renewSeconds: number
  onLost: ((reason: string) => void) | undefined
}

/**
 * Renews the Lease until the returned function is called, by optimistic concurrency: each renewal only from the version
 * that the last one left. Calls `onLost` once, and ends, when someone else holds it or it ran out.
 */
export function keepRenewing(taken: KubeObject, renewal: Renewal): () => Promise<void> {
  const { clock, renewSeconds, durationSeconds } = renewal
  const stopping = new AbortController()

  async function run(): Promise<void> {
    let lease = taken
    let renewedAt = clock.now()
    for (let pause = renewSeconds; ; ) {
      await clock.sleep(pause * 1000, stopping.signal)
      const sentAt = clock.now()
      const outcome = await renew(renewal, lease, stopping.signal)
      if (stopping.signal.aborted) return
      if ('taken' in outcome) return renewal.onLost?.(outcome.taken)
      if ('lease' in outcome) {
        lease = outcome.lease
        renewedAt = sentAt
        pause = renewSeconds
      } else {
        // Tried sooner after a failure: three failures in a row must not use up the whole duration.
        pause = renewSeconds / 3
        if (clock.now() - renewedAt >= durationSeconds * 1000) {
          return renewal.onLost?.(`the lock could not be renewed for ${durationSeconds} s: ${outcome.failed}`)
        }
      }
    }
  }

  const running = run().catch((error: unknown) => {
    if (!stopping.signal.aborted) renewal.onLost?.(messageOf(error))
  })
  return async () => {
    stopping.abort()
    await running
  }
}

type Outcome = { lease: KubeObject } | { taken: string } | { failed: string }

async function renew(
  renewal: Renewal,
  lease: KubeObject,
  signal: AbortSignal,
  again = true,
): Promise<Outcome> {
  const { cluster, ref, holder, clock } = renewal
  const request = { signal, timeoutSeconds: 10 }
  try {
    const patch = unchangedSince(lease, { spec: { renewTime: microTime(clock) } })
    return { lease: await cluster.patch(ref, patch, 'merge', request) }
  } catch (error) {
    if (hasCode(error, 'API_NOT_FOUND')) return { taken: 'the lock was removed' }
    if (!again || !hasCode(error, 'API_CONFLICT')) return { failed: messageOf(error) }
  }
  // Changed since: by ourselves, when only the answer to the last renewal was lost, or by another holder.
  try {
    const live = await cluster.get(ref, request)
    const now = (live?.spec as { holderIdentity?: string } | undefined)?.holderIdentity ?? 'nobody'
    if (live === null || now !== holder) return { taken: `the lock was taken over by ${now}` }
    return await renew(renewal, live, signal, false)
  } catch (error) {
    return { failed: messageOf(error) }
  }
}
