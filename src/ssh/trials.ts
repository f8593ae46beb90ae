import { YurtSshError } from '../errors.js'

/** One password of one user, on all hosts that have it. */
export interface Trial {
  /** Whether some host has taken it, and none refused it. */
  isProven(): boolean
  /** @throws YurtSshError that it was refused elsewhere: it is used no more */
  mustBeFree(): void
  /**
   * Runs what sends the password: one at a time until some host has taken it, not at all once one has refused it. A wrong
   * one is a single attempt then, however many hosts share an account (LDAP), and locks nobody out.
   */
  run<T>(host: string, send: () => Promise<T>): Promise<T>
}

/** The passwords of a run by what tells them apart: whose, from where, for what. */
export function createTrials(): (id: string) => Trial {
  const trials = new Map<string, Trial>()
  return (id) => {
    const trial = trials.get(id) ?? createTrial()
    trials.set(id, trial)
    return trial
  }
}

function createTrial(): Trial {
  let isTaken = false
  let refusal: { host: string; error: YurtSshError } | undefined
  let probe: Promise<unknown> | undefined

  function mustBeFree(): void {
    if (refusal === undefined) return
    const { host, error } = refusal
    throw new YurtSshError(error.code, `not tried: ${host} has refused the same password of the same user`, {
      hint: 'one wrong password is one attempt, so that no account gets locked: run again with the right one; where hosts differ, each group and host can have its own',
    })
  }

  async function use<T>(host: string, send: () => Promise<T>): Promise<T> {
    mustBeFree()
    try {
      const result = await send()
      isTaken = true
      return result
    } catch (error) {
      if (isRefusal(error)) refusal ??= { host, error }
      throw error
    }
  }

  return {
    isProven: () => isTaken && refusal === undefined,
    mustBeFree,
    async run(host, send) {
      while (probe !== undefined && !isTaken) await probe
      const using = use(host, send)
      const settled = using.then(
        () => undefined,
        () => undefined,
      )
      if (!isTaken) probe = settled
      await settled
      if (probe === settled) probe = undefined
      return using
    },
  }
}

function isRefusal(error: unknown): error is YurtSshError {
  return error instanceof YurtSshError && /^(SSH_PASSWORD|HOST_SUDO_PASSWORD)$/.test(error.code)
}
