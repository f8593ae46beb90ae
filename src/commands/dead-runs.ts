import { hostname } from 'node:os'
import type { LockState } from '../cluster/lock.js'
import type { HeldLock } from '../report/lock.js'
import type { RunSummary } from '../report/record-reader.js'

/** A run of this machine whose client died without a word. */
export type DeadRun = Pick<RunSummary, 'id' | 'verb' | 'began'>

/**
 * Runs of this machine on this API server that died, the newest first. Those before a run that came to its end are not
 * among them: it settled what they left.
 */
export function deadRuns(runs: readonly RunSummary[], server: string, machine = hostname()): DeadRun[] {
  const own = runs.filter((run) => run.server === server)
  const last = own.findIndex(({ ended }) => ended !== undefined)
  return (last < 0 ? own : own.slice(0, last))
    .filter((run) => run.machine === machine && run.outcome === 'lost')
    .map(({ id, verb, began }) => ({ id, verb, began }))
}

/** The lock as it is shown; null where nobody holds it. */
export function heldLock(state: LockState | null): HeldLock | null {
  if (state === null || state.holder === '') return null
  const { holder, since, renewed, durationSeconds } = state
  const renewedAt = Date.parse(renewed)
  const expires = Number.isNaN(renewedAt) ? '' : new Date(renewedAt + durationSeconds * 1000).toISOString()
  return { holder, since, renewed, expires }
}

/** The run that a lock's holder names. */
export function runOf({ holder }: Pick<HeldLock, 'holder'>): string {
  return holder.slice(holder.lastIndexOf('/') + 1)
}
