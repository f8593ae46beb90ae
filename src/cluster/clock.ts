import { pauseFor } from './poll.js'

/** Time as this machine sees it: what others write into a Lease is compared, never measured. */
export interface Clock {
  /** Milliseconds, never backwards. */
  now(): number
  /** @throws YurtSshError INTERRUPTED */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** For what we write into a Lease. */
  date(): Date
}

export const systemClock: Clock = { now: () => performance.now(), sleep: pauseFor, date: () => new Date() }

/** The clock's date as a Kubernetes MicroTime, which wants exactly six digits. */
export function microTime(clock: Clock): string {
  return clock.date().toISOString().replace('Z', '000Z')
}
