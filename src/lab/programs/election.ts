import type { KubeObject } from '../../cluster/types.js'
import { type ApiClient, isPassing } from '../api/client.js'
import { microTimeText } from '../api/object.js'
import type { Clock } from '../types.js'
import { type Ages, createAges } from './ages.js'

const durationMs = 15_000
const renewDeadlineMs = 10_000
const retryMs = 2000

export interface Candidate {
  /** Of the Lease in kube-system. */
  name: string
  /** `<host>_<uuid>`, new with each start. */
  identity: string
  client: ApiClient
  clock: Clock
  log(line: string): void
}

interface LeaseSpec {
  holderIdentity?: string
  acquireTime?: string
  renewTime?: string
  leaseTransitions?: number
}

/**
 * Leader election as client-go's with its defaults: a Lease of 15 s, renewed every 2 s. Waits to lead, leads, and
 * resolves when the Lease could not be renewed for 10 s, or someone else has it. A standby waits for ever, also while
 * the API is away.
 */
export async function lead(
  candidate: Candidate,
  whileLeading: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, identity, name, log } = candidate
  const ages = createAges(clock, 2 * retryMs)
  while (!(await tryToHold(candidate, ages))) await clock.sleep(retryMs, signal)
  log(`${identity} became leader of kube-system/${name}`)
  const leading = new AbortController()
  const stop = () => leading.abort()
  signal.addEventListener('abort', stop)
  const work = whileLeading(leading.signal).catch((error: unknown) => {
    if (!leading.signal.aborted) throw error
  })
  try {
    await Promise.race([renewUntilLost(candidate, ages, signal), work.then(() => new Promise(() => {}))])
    log('leaderelection lost')
  } finally {
    leading.abort()
    signal.removeEventListener('abort', stop)
  }
}

async function renewUntilLost(candidate: Candidate, ages: Ages, signal: AbortSignal): Promise<void> {
  const { clock } = candidate
  for (let failing = 0; failing < renewDeadlineMs; ) {
    await clock.sleep(retryMs, signal)
    const before = clock.now()
    failing = (await tryToHold(candidate, ages))
      ? 0
      : failing + retryMs + Math.min(clock.now() - before, retryMs)
  }
}

/** Takes or renews the Lease; false when someone else holds it, was faster, or the API is away. */
async function tryToHold({ name, identity, client, clock }: Candidate, ages: Ages): Promise<boolean> {
  const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name }
  const now = microTimeText(clock.now())
  const held = { holderIdentity: identity, leaseDurationSeconds: durationMs / 1000, renewTime: now }
  try {
    const live = await client.get(ref)
    if (live === null) {
      const { apiVersion, kind, ...metadata } = ref
      await client.create({
        apiVersion,
        kind,
        metadata,
        spec: { ...held, acquireTime: now, leaseTransitions: 0 },
      })
      return true
    }
    const spec = (live.spec ?? {}) as LeaseSpec
    const { holderIdentity = '', leaseTransitions = 0 } = spec
    const age = ages.look(name, JSON.stringify(spec))
    if (holderIdentity !== identity && holderIdentity !== '' && age < durationMs) return false
    const change =
      holderIdentity === identity ? {} : { acquireTime: now, leaseTransitions: leaseTransitions + 1 }
    await client.update({ ...live, spec: { ...spec, ...held, ...change } } as KubeObject)
    return true
  } catch (error) {
    if (isPassing(error)) return false
    throw error
  }
}
