import { describe, expect, it } from 'vitest'
import { repeat } from '../../src/cli/repeat.js'
import { ExitCode, YurtSshError } from '../../src/errors.js'

/** Runs rounds that come to these, the last one ending it; returns the exit code and what was told. */
async function rounds(
  outcomes: readonly (ExitCode | YurtSshError)[],
): Promise<{ code: ExitCode; told: string[] }> {
  const end = new AbortController()
  const told: string[] = []
  let round = 0
  const code = await repeat({
    seconds: 0.001,
    signal: end.signal,
    async show() {
      const outcome = outcomes[round++]
      if (round >= outcomes.length) end.abort()
      if (outcome instanceof YurtSshError) throw outcome
      return outcome ?? ExitCode.bug
    },
    onError: (error) => void told.push(String(error)),
  })
  return { code, told }
}

const error = (code: string): YurtSshError => new YurtSshError(code, 'no')

describe('a repeated status', () => {
  it.each([
    [[10, 10, 0], 0, 0],
    [[error('API_UNREACHABLE'), 10], 10, 1],
    [[10, error('API_UNREACHABLE')], 3, 1],
    [[10, error('INTERRUPTED')], 10, 0],
  ] as const)('%j ends with %i', async (outcomes, code, told) => {
    const result = await rounds(outcomes)
    expect(result.code).toBe(code)
    expect(result.told).toHaveLength(told)
  })

  it.each(['USAGE_LIMIT', 'INVENTORY_INVALID', 'BUG'])('%s ends it at once', async (code) => {
    await expect(rounds([error(code), 10])).rejects.toMatchObject({ code })
  })
})
