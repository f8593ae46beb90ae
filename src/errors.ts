export interface ErrorDetails {
  /** Inventory name of the host it happened on. */
  host?: string
  /** What the operator can do about it. */
  hint?: string
  /** The node's own words: output of the failing command, last log lines. */
  detail?: string
  cause?: unknown
}

/** An error that the operator can act on: a stable code, what happened, where, and what to do. */
export class YurtSshError extends Error {
  readonly code: string
  readonly host: string | undefined
  readonly hint: string | undefined
  readonly detail: string | undefined

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.name = 'YurtSshError'
    this.code = code
    this.host = details.host
    this.hint = details.hint
    this.detail = details.detail
  }
}

/** Exit codes of the command line; docs/exit-codes.md says what each means to a script. */
export const ExitCode = {
  done: 0,
  bug: 1,
  usage: 2,
  hostsFailed: 3,
  hostsUnreachable: 4,
  threshold: 5,
  locked: 6,
  refused: 7,
  changesPending: 10,
  interrupted: 130,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

const precedence: readonly ExitCode[] = [130, 7, 6, 5, 3, 4, 10]

/** The one exit code of a run to which several apply. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return precedence.find((code) => codes.includes(code)) ?? codes.find((code) => code !== 0) ?? ExitCode.done
}

const exitCodeByPrefix: readonly [RegExp, ExitCode][] = [
  [/^(HOST_)?BUG$/, ExitCode.bug],
  [/^(USAGE|INVENTORY|KUBECONFIG|SNAPSHOT)_|^SSH_CONFIG$/, ExitCode.usage],
  [/^LOCK_/, ExitCode.locked],
  [/^GUARD_/, ExitCode.refused],
  [/^THRESHOLD_/, ExitCode.threshold],
  [/^SSH_/, ExitCode.hostsUnreachable],
  [/^INTERRUPTED/, ExitCode.interrupted],
  [/^(HOST|CLUSTER|API|NODE|PREFLIGHT|LAB)_/, ExitCode.hostsFailed],
]

/** The exit code for an error that ended a run; anything without one of our codes is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof YurtSshError)) return ExitCode.bug
  return exitCodeByPrefix.find(([pattern]) => pattern.test(error.code))?.[1] ?? ExitCode.hostsFailed
}

/** An error's message, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
