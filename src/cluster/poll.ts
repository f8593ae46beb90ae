import { setTimeout as sleep } from 'node:timers/promises'
import { YurtSshError } from '../errors.js'
import { hasCode } from './api-errors.js'
import type { RequestOptions } from './types.js'

export interface WaitOptions {
  timeoutSeconds: number
  signal?: AbortSignal
  /** Gets what is being waited for, whenever that changes. */
  onProgress?: (text: string) => void
  /** Between two looks; 1500 when not given. */
  intervalMs?: number
}

/** Either the wait is over, or what it still waits for. */
export type Look<T> = { done: T } | { waiting: string }

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
  for (let pause = intervalMs; ; ) {
    const seen = await look(signal ? { signal } : {}).catch((error: unknown) => away(error))
    if ('done' in seen) return seen.done
    pause = 'away' in seen ? Math.min(pause * 2, 8000) : intervalMs
    if (seen.waiting !== waiting) onProgress?.(seen.waiting)
    waiting = seen.waiting
    const left = deadline - performance.now()
    if (left <= 0) throw await expired(waiting)
    await pauseFor(Math.min(pause, left), signal)
  }
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
