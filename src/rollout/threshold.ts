import { YurtSshError } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'

/** How many hosts may fail before a run stops by itself. */
export interface Limits {
  /** Hosts that may fail or be unreachable, those included that were left out before the start. */
  allowed: number
  /** Hosts left out before the start, by inventory name. */
  leftOut: readonly string[]
  failFast: boolean
}

/** Counts hosts that failed, each once, and says when that was too many. */
export interface Threshold {
  failed: (host: string) => void
  /** Whether no new host may begin. */
  passed: () => boolean
  /** Why the run stopped. */
  error: () => YurtSshError
}

export function createThreshold({ allowed, leftOut, failFast }: Limits): Threshold {
  const bad = new Set(leftOut)
  const isTooMany = (): boolean => bad.size > allowed
  const passed = (): boolean => isTooMany() || (failFast && bad.size > leftOut.length)
  return {
    failed: (host) => void bad.add(host),
    passed,
    error() {
      const count = bad.size === 1 ? '1 host has failed' : `${bad.size} hosts have failed or are unreachable`
      const rule = isTooMany() ? `--max-fail allows ${allowed}` : '--fail-fast stops at the first failure'
      return new YurtSshError('THRESHOLD_FAILED', `stopped: ${count}, ${rule}: ${hostRanges(bad)}`, {
        hint: 'mend what failed and run the same command again, it does what is left; to go on past hosts that fail give a higher --max-fail, to go on without them leave them out with --limit',
      })
    },
  }
}
