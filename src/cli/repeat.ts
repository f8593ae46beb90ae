import { setTimeout as sleep } from 'node:timers/promises'
import { ExitCode, exitCodeOf } from '../errors.js'

/** What a repeated command needs. */
export interface Round {
  seconds: number
  signal: AbortSignal
  /** Shows the state once; returns what it came to. */
  show: () => Promise<ExitCode>
  /** Told what ended a round; the next one is tried all the same. */
  onError: (error: unknown) => void
}

/**
 * Shows a state again and again until the signal. Returns the last round's exit code.
 * @throws what `show` throws where another round would throw it too: a wrong flag or inventory, or a bug
 */
export async function repeat({ seconds, signal, show, onError }: Round): Promise<ExitCode> {
  let last: ExitCode = ExitCode.done
  while (!signal.aborted) {
    try {
      last = await show()
    } catch (error) {
      const code = exitCodeOf(error)
      if (code === ExitCode.usage || code === ExitCode.bug) throw error
      if (code === ExitCode.interrupted) break
      last = code
      onError(error)
    }
    // rejects when the signal comes, which ends the loop
    await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined)
  }
  return last
}
