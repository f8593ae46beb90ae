import { setTimeout as sleep } from 'node:timers/promises'
import { YurtSshError } from '../errors.js'
import { hasCode } from './api-errors.js'
import type { RequestOptions } from './types.js'

export interface WaitOptions {
  timeoutSeconds: number
  signal?: AbortSignal
  /** Gets what is being waited for, whenever that changes. */
  onProgress?: (text: string) => void
  /** Between two looks, at most; 1500 when not given. */
  intervalMs?: number
}

/** Either the wait is over, or what it still waits for. */
export type Look<T> = { done: T } | { waiting: string }

/**
 * The first pause of a wait; each is twice the one before, up to the interval. What a host has proven already the API
 * mostly confirms at once, and then a whole interval would be time lost. A look is one object by its name, and only hosts
 * that are being worked wait, so that this stays a small load: a list or watch of all nodes would not, at 15 KB a node.
 */
const firstPauseMs = 100
/** While the API is away. */
const longestPauseMs = 8000

/** The code of every wait that ran out. */
export const notAvailable = 'CLUSTER_NOT_AVAILABLE'

/**
 * Looks again and again until it is done, less often while the API is away: that ends no wait before its time.
 * @throws YurtSshError what `expired` makes of what was still missing, INTERRUPTED, or what the API refuses
 */
export async function poll<T>(
  look: (request: RequestOptions) => Promise<Look<T>>,
  expired: (waiting: string) => Promise<YurtSshError> | YurtSshError,
  options: WaitOptions,
): Promise<T> {
  const { signal, onProgress, intervalMs = 1500 } = options
  const deadline = performance.now() + options.timeoutSeconds * 1000
  let waiting = ''
  for (let pause = 0; ; ) {
    const seen = await look(signal ? { signal } : {}).catch((error: unknown) => away(error))
    if ('done' in seen) return seen.done
    pause = pauseAfter(pause, intervalMs, 'away' in seen)
    if (seen.waiting !== waiting) onProgress?.(seen.waiting)
    waiting = seen.waiting
    const left = deadline - performance.now()
    if (left <= 0) throw await expired(waiting)
    await pauseFor(Math.min(pause, left), signal)
  }
}

/** The pause that follows one of `last` milliseconds, 0 for none. */
export function pauseAfter(last: number, intervalMs: number, apiIsAway: boolean): number {
  const longer = Math.max(last * 2, firstPauseMs)
  return apiIsAway ? Math.min(Math.max(longer, intervalMs), longestPauseMs) : Math.min(longer, intervalMs)
}

/** Sleeps; @throws YurtSshError INTERRUPTED */
export async function pauseFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => {
    const reason: unknown = signal?.reason
    throw reason instanceof YurtSshError
      ? reason
      : new YurtSshError('INTERRUPTED', 'interrupted while waiting')
  })
}

function away(error: unknown): { waiting: string; away: true } {
  if (!hasCode(error, 'API_UNREACHABLE', 'API_TIMEOUT', 'API_UNAVAILABLE')) throw error
  return { waiting: `the API is away: ${error.message}`, away: true }
}
