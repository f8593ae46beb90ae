import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { paceOf, type RolloutFlags, rolloutFlags } from '../../src/cli/rollout-flags.js'
import { exitCodeOf } from '../../src/errors.js'
import { defaultPace, type Pace } from '../../src/rollout/pace.js'

function paceFrom(args: string[]): Pace {
  const command = rolloutFlags(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  return paceOf(command.parse(args, { from: 'user' }).opts<RolloutFlags>())
}

const rows: { args: string[]; pace: Partial<Pace> }[] = [
  { args: [], pace: {} },
  {
    args: ['--serial', '1,10%'],
    pace: {
      serial: [
        { kind: 'count', count: 1 },
        { kind: 'percent', percent: 10 },
      ],
    },
  },
  {
    args: ['--serial-by', 'site', '--max-unavailable', '25%'],
    pace: { serialBy: 'site', maxUnavailable: { kind: 'percent', percent: 25 } },
  },
  { args: ['--pause', '5m', '--confirm-waves'], pace: { pauseSeconds: 300, confirmWaves: true } },
  { args: ['--pause', '1h30m'], pace: { pauseSeconds: 5400 } },
  {
    args: ['--max-fail', '0', '--fail-fast'],
    pace: { maxFail: { kind: 'count', count: 0 }, failFast: true },
  },
]

describe('flags of a run in waves', () => {
  it.each(rows)('$args', ({ args, pace }) => {
    expect(paceFrom(args)).toEqual({ ...defaultPace, ...pace })
  })

  it.each([
    ['--serial', ''],
    ['--serial', '1,,2'],
    ['--serial', '0'],
    ['--max-fail', '-1'],
    ['--max-unavailable', '0'],
  ])('%s "%s" is refused as usage', (flag, value) => {
    let error: unknown
    try {
      paceFrom([`${flag}=${value}`])
    } catch (caught) {
      error = caught
    }
    expect(exitCodeOf(error)).toBe(2)
    expect(error).toMatchObject({ code: 'USAGE_AMOUNT', message: expect.stringContaining(flag) })
  })

  it.each(['0', '5', 'soon', '5 m'])('--pause "%s" is %s', (value) => {
    if (value === '5') expect(paceFrom(['--pause', value]).pauseSeconds).toBe(5)
    else expect(() => paceFrom(['--pause', value])).toThrow(/must be a duration/)
  })
})
