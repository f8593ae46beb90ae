import { YurtSshError } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'

/** When a run stops by itself. */
export interface Limits {
  /** Hosts that --max-fail lets fail or be unreachable; absent where it was not given. */
  allowed?: number
  failFast: boolean
  /** Whether waves were asked for. */
  waves: boolean
}

/** How many hosts were left out before the start, and how many failed or were lost since. */
export interface Bad {
  leftOut: number
  failed: number
}

/** `before-next-wave`: hosts of the wave that runs still begin, no wave and no phase after it does. */
export type Stop = 'no' | 'before-next-wave' | 'at-once'

/** The one rule. Without --max-fail nobody is left out, a host that fails stops no other one, but the waves after its own. */
export function stopOf({ allowed, failFast, waves }: Limits, { leftOut, failed }: Bad): Stop {
  if (failFast && failed > 0) return 'at-once'
  if (allowed !== undefined) return leftOut + failed > allowed ? 'at-once' : 'no'
  if (leftOut > 0) return 'at-once'
  return waves && failed > 0 ? 'before-next-wave' : 'no'
}

/** Counts hosts that failed, each once, and says when that was too many. */
export interface Threshold {
  failed: (host: string) => void
  stop: () => Stop
  /** Why the run stopped. */
  error: () => YurtSshError
}

/** `leftOut` are the hosts that were left out before the start and count, by inventory name. */
export function createThreshold(limits: Limits, leftOut: readonly string[]): Threshold {
  const bad = new Set(leftOut)
  const count = (): Bad => ({ leftOut: leftOut.length, failed: bad.size - leftOut.length })
  return {
    failed: (host) => void bad.add(host),
    stop: () => stopOf(limits, count()),
    error() {
      const who = bad.size === 1 ? '1 host has failed' : `${bad.size} hosts have failed or are unreachable`
      return new YurtSshError(
        'THRESHOLD_FAILED',
        `stopped: ${who}, ${rule(limits, count())}: ${hostRanges(bad)}`,
        {
          hint: 'mend what failed and run the same command again, it does what is left; to go on past hosts that fail allow more with --max-fail, to go on without them leave them out with --limit',
        },
      )
    },
  }
}

function rule({ allowed, failFast }: Limits, { leftOut, failed }: Bad): string {
  if (allowed !== undefined && leftOut + failed > allowed) return `--max-fail allows ${allowed}`
  return failFast ? '--fail-fast stops at the first failure' : 'without --max-fail no wave follows a failure'
}
