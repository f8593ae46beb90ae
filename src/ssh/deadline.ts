import { YurtSshError } from '../errors.js'

export interface Deadline {
  /** Absent means no limit of its own. */
  seconds?: number
  signal?: AbortSignal | undefined
  /** What is waited for, as it stands in the error: `no answer from …`. */
  timeout: () => YurtSshError
}

/**
 * Runs `start`, which gets a signal to clean up by, and rejects no later than the deadline with SSH_ABORTED or the timeout's
 * error. Not `AbortSignal.any` over `AbortSignal.timeout`: Node 20 may collect those before they fire (nodejs/node#54614).
 */
export async function withDeadline<T>(
  deadline: Deadline,
  start: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const stop = controller.signal
  const { seconds, signal } = deadline
  const abort = () => controller.abort(new YurtSshError('SSH_ABORTED', 'stopped by the operator'))
  const timer =
    seconds === undefined ? undefined : setTimeout(() => controller.abort(deadline.timeout()), seconds * 1000)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    stop.throwIfAborted()
    return await Promise.race([start(stop), rejection(stop)])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** Rejects with the signal's reason. */
export function rejection(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (stop.aborted) reject(stop.reason)
    stop.addEventListener('abort', () => reject(stop.reason), { once: true })
  })
}
