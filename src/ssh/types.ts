/** What a script on a host came to. */
export interface ScriptResult {
  /** Exit status of the script. */
  status: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Seconds until the script counts as hung: the connection is closed then and the outcome is unknown. */
  timeoutSeconds: number
  signal?: AbortSignal
  /** Gets stdout as it arrives, in pieces that end anywhere. */
  onStdout?: (text: string) => void
}

/**
 * A root shell on one host, kept open for the run. Scripts go in over stdin, one at a time; each runs in a subshell of
 * its own with an empty stdin.
 */
export interface HostSession {
  /** Inventory name. */
  readonly host: string
  /**
   * Runs a POSIX sh script. A status other than 0 is a result, not an error.
   * @throws YurtSshError SSH_LOST (link gone before the end marker: the outcome is unknown), SSH_TIMEOUT, SSH_ABORTED
   */
  run(script: string, options: RunOptions): Promise<ScriptResult>
  close(): void
}
