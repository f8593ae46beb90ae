import { messageOf, YurtSshError } from '../errors.js'

/** One thing that must hold before anything is touched. */
export interface Check {
  /** Stable name, for --ignore-preflight-errors. */
  name: string
  /** Inventory name; absent for the cluster's own checks. */
  host?: string
  status: 'ok' | 'warning' | 'failed'
  message: string
  hint?: string
  /** A run without it would break a promise or has nothing to plan with: it cannot be ignored. */
  mandatory?: true
}

/** Adds a check: ok when `holds`, else failed (or a warning), with the message of either case. */
export type Expect = (
  name: string,
  holds: boolean,
  messages: { ok: string; failed: string; hint?: string; warning?: boolean; mandatory?: boolean },
) => void

/** Collects checks for one host, or for the cluster. */
export function createChecks(host?: string): { list: Check[]; expect: Expect } {
  const list: Check[] = []
  return {
    list,
    expect(name, holds, { ok, failed, hint, warning, mandatory }) {
      list.push({
        name,
        ...(host === undefined ? {} : { host }),
        status: holds ? 'ok' : warning === true ? 'warning' : 'failed',
        message: holds ? ok : failed,
        ...(holds || hint === undefined ? {} : { hint }),
        ...(mandatory === true ? { mandatory } : {}),
      })
    },
  }
}

/**
 * Failed checks that the operator chose to ignore become warnings. Names are compared without regard to case; `all`
 * stands for every name.
 */
export function ignoreChecks(checks: readonly Check[], ignored: readonly string[]): Check[] {
  const names = new Set(ignored.map((name) => name.toLowerCase()))
  return checks.map((check) =>
    check.status === 'failed' &&
    check.mandatory !== true &&
    (names.has('all') || names.has(check.name.toLowerCase()))
      ? { ...check, status: 'warning', message: `${check.message} (ignored)` }
      : check,
  )
}

/** What `read` returns, or the message of the YurtSshError that it throws. */
export function attempt<T>(read: () => T): { value?: T; error?: string } {
  try {
    return { value: read() }
  } catch (error) {
    if (!(error instanceof YurtSshError)) throw error
    return { error: messageOf(error) }
  }
}
