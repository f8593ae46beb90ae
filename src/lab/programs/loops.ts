import { isPassing } from '../api/client.js'
import type { Clock } from '../types.js'

/** Does something again and again, until the signal aborts; what the API refuses is tried again the next time. */
export async function repeat(
  work: () => Promise<void>,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: unknown) => {
      if (!isPassing(error)) throw error
    })
    await clock.sleep(everyMs, signal)
  }
}
