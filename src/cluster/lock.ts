import { YurtSshError } from '../errors.js'
import { hasCode } from './api-errors.js'
import { type Clock, microTime, systemClock } from './clock.js'
import { unchangedSince } from './diff.js'
import { keepRenewing } from './lock-renewal.js'
import { ownLabels } from './ownership.js'
import type { Cluster, KubeObject, RequestOptions } from './types.js'

/** The lock as it was read; `uid` and `resourceVersion` tell it from any other. */
export interface LockState {
  /** `<user>@<host>:<pid>/<run>`; '' when nobody holds it. */
  holder: string
  /** RFC 3339, by the holder's clock. */
  since: string
  renewed: string
  durationSeconds: number
  uid: string
  resourceVersion: string
}

export interface LockOptions extends RequestOptions {
  /** `<user>@<host>:<pid>/<run>`. */
  holder: string
  /** Whether a holder is known to be dead: its lock is taken over at once. */
  isDead?: (held: LockState) => boolean
  /** Called once when another holder is there, whose lease must be watched for `seconds`. */
  onWaiting?: (held: LockState, seconds: number) => void
  /** The lock is no longer ours, for certain or for all we know: stop changing things. */
  onLost?: (reason: string) => void
  durationSeconds?: number
  renewSeconds?: number
  clock?: Clock
}

export interface Lock {
  readonly holder: string
  /** Stops renewing and removes the Lease; false when it was no longer ours. */
  release(): Promise<boolean>
}

const ref = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace: 'kube-system',
  name: 'yurt-ssh',
}
const watchMs = 2000

/** How often a run renews its lock, in seconds. */
const renewSeconds = 15

/** How long a lock is watched before it counts as left behind: a living run renews it in that time, a failed try included. */
export const unlockSeconds = renewSeconds + 20

/**
 * Takes the cluster's lock, Lease kube-system/yurt-ssh, and renews it until it is released. One that someone else
 * holds is taken over only after it was seen unchanged for its whole duration, on this machine's clock.
 * @throws YurtSshError LOCK_HELD when its holder is alive
 */
export async function acquireLock(cluster: Cluster, options: LockOptions): Promise<Lock> {
  const { holder, clock = systemClock, durationSeconds = 60, onLost } = options
  const taken = await take(cluster, options, clock, durationSeconds)
  const stop = keepRenewing(taken, {
    cluster,
    ref,
    holder,
    clock,
    durationSeconds,
    renewSeconds: options.renewSeconds ?? renewSeconds,
    onLost,
  })
  return {
    holder,
    async release() {
      await stop()
      return releaseLock(cluster, holder)
    },
  }
}

async function take(
  cluster: Cluster,
  options: LockOptions,
  clock: Clock,
  durationSeconds: number,
): Promise<KubeObject> {
  const request: RequestOptions = options.signal ? { signal: options.signal } : {}
  let seen: { state: LockState; at: number } | undefined
  for (;;) {
    const live = await cluster.get(ref, request)
    const state = live === null ? null : lockState(live)
    if (state !== null && state.holder !== '' && options.isDead?.(state) !== true) {
      if (seen === undefined) {
        seen = { state, at: clock.now() }
        options.onWaiting?.(state, state.durationSeconds)
      }
      if (!sameLock(state, seen.state)) throw heldError(state)
      const left = seen.at + state.durationSeconds * 1000 - clock.now()
      if (left > 0) {
        await clock.sleep(Math.min(watchMs, left), options.signal)
        continue
      }
    }
    try {
      const wanted = leaseOf(options.holder, durationSeconds, microTime(clock))
      if (live === null) return await cluster.create(wanted, request)
      const { metadata, spec } = wanted
      return await cluster.patch(ref, unchangedSince(live, { metadata, spec }), 'merge', request)
    } catch (error) {
      // Someone was faster: look who it is.
      if (!hasCode(error, 'API_CONFLICT')) throw error
    }
  }
}

function leaseOf(holder: string, durationSeconds: number, now: string): KubeObject {
  const { apiVersion, kind, name, namespace } = ref
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels: { ...ownLabels } },
    spec: { holderIdentity: holder, leaseDurationSeconds: durationSeconds, acquireTime: now, renewTime: now },
  }
}

/** Who holds the lock; null when there is none. */
export async function readLock(cluster: Cluster, options: RequestOptions = {}): Promise<LockState | null> {
  const live = await cluster.get(ref, options)
  return live === null ? null : lockState(live)
}

/** Whether somebody renews, releases or takes over the lock within so many seconds. */
export async function isRenewed(
  cluster: Cluster,
  seen: LockState,
  { seconds, clock = systemClock, signal }: { seconds: number; clock?: Clock; signal: AbortSignal },
): Promise<boolean> {
  for (const end = clock.now() + seconds * 1000; ; ) {
    const state = await readLock(cluster, { signal })
    if (state === null || !sameLock(state, seen)) return true
    const left = end - clock.now()
    if (left <= 0) return false
    await clock.sleep(Math.min(watchMs, left), signal)
  }
}

/**
 * Removes a lock that its holder left behind, if it is still the one that was shown.
 * @throws YurtSshError LOCK_CHANGED when someone renewed it or took it since
 */
export async function breakLock(
  cluster: Cluster,
  seen: LockState,
  options: RequestOptions = {},
): Promise<void> {
  const { uid, resourceVersion } = seen
  await cluster.delete(ref, { ...options, uid, resourceVersion }).catch((error: unknown) => {
    if (hasCode(error, 'API_NOT_FOUND')) return
    if (!hasCode(error, 'API_CONFLICT')) throw error
    throw new YurtSshError(
      'LOCK_CHANGED',
      `the lock of ${seen.holder} was renewed or taken over since it was shown`,
      {
        hint: 'its holder is alive: let it finish, or stop it there',
      },
    )
  })
}

async function releaseLock(cluster: Cluster, holder: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const state = await readLock(cluster)
    if (state?.holder !== holder) return false
    try {
      await cluster.delete(ref, { uid: state.uid, resourceVersion: state.resourceVersion })
      return true
    } catch (error) {
      if (hasCode(error, 'API_NOT_FOUND')) return false
      if (attempt === 3 || !hasCode(error, 'API_CONFLICT')) throw error
    }
  }
}

function lockState(lease: KubeObject): LockState {
  const spec = (lease.spec ?? {}) as {
    holderIdentity?: string
    acquireTime?: string
    renewTime?: string
    leaseDurationSeconds?: number
  }
  return {
    holder: spec.holderIdentity ?? '',
    since: spec.acquireTime ?? '',
    renewed: spec.renewTime ?? '',
    durationSeconds: spec.leaseDurationSeconds ?? 60,
    uid: lease.metadata.uid ?? '',
    resourceVersion: lease.metadata.resourceVersion ?? '',
  }
}

function sameLock(a: LockState, b: LockState): boolean {
  return a.uid === b.uid && a.resourceVersion === b.resourceVersion && a.renewed === b.renewed
}

function heldError({ holder, since }: LockState): YurtSshError {
  return new YurtSshError('LOCK_HELD', `${holder} has been changing this cluster since ${since}`, {
    hint: 'wait for it to end; yurt-ssh unlock removes the lock of a run that is gone',
  })
}
