import { YurtSshError } from '../errors.js'

/** One password of one user, on all hosts that have it. */
export interface Trial {
  /** Whether this host has taken it, or some other and none refused it. */
  isProven(host: string): boolean
  /** @throws YurtSshError that it was refused elsewhere: it goes to no host that has not taken it before */
  mustBeFree(host: string): void
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
  const taken = new Set<string>()
  let refusal: { host: string; error: YurtSshError } | undefined
  let probe: Promise<unknown> | undefined

  // a link that was lost in the middle of a transaction must come back
  function mustBeFree(asking: string): void {
    if (refusal === undefined || taken.has(asking)) return
    const { host, error } = refusal
    throw new YurtSshError(error.code, `not tried: ${host} has refused the same password of the same user`, {
      hint: 'one wrong password is one attempt, so that no account gets locked: run again with the right one; where hosts differ, each group and host can have its own',
    })
  }

  async function use<T>(host: string, send: () => Promise<T>): Promise<T> {
    mustBeFree(host)
    try {
      const result = await send()
      taken.add(host)
      return result
    } catch (error) {
      if (isRefusal(error)) {
        taken.delete(host)
        refusal ??= { host, error }
      }
      throw error
    }
  }

  return {
    isProven: (host) => taken.has(host) || (taken.size > 0 && refusal === undefined),
    mustBeFree,
    async run(host, send) {
      while (probe !== undefined && taken.size === 0) await probe
      const using = use(host, send)
      const settled = using.then(
        () => undefined,
        () => undefined,
      )
      if (taken.size === 0) probe = settled
      await settled
      if (probe === settled) probe = undefined
      return using
    },
  }
}

function isRefusal(error: unknown): error is YurtSshError {
  return error instanceof YurtSshError && /^(SSH_PASSWORD|HOST_SUDO_PASSWORD)$/.test(error.code)
}
