import { expect, it } from 'vitest'
import { reachChecks, withoutFailed } from '../../src/commands/refusals.js'
import { YurtSshError } from '../../src/errors.js'
import type { Check } from '../../src/plan/checks.js'

const silent = (host: string) => new YurtSshError('SSH_TIMEOUT', 'no answer', { host, hint: 'is it up?' })

it('says of hosts that were not reached what to do, and which of them are needed', () => {
  const failures = new Map(['cp-1', 'edge-1', 'edge-2'].map((host) => [host, silent(host)]))
  expect(reachChecks({ failures }, new Set(['cp-1'])).map(({ hint }) => hint)).toEqual([
    'is it up?; no run goes on without a control-plane host',
    'is it up?',
    'is it up?',
  ])
})

const failed = (host?: string): Check => ({
  name: 'X',
  status: 'failed',
  message: 'm',
  ...(host === undefined ? {} : { host }),
})

it.each<[string, Check[], string[], string | undefined]>([
  ['one host', [failed('edge-1')], [], "--limit '!edge-1', or --max-fail 1"],
  ['a host once, however often it failed', [failed('a'), failed('a')], [], "--limit '!a', or --max-fail 1"],
  [
    'many in one limit',
    [1, 2, 3, 5].map((n) => failed(`edge-${n}`)),
    [],
    "--limit '!edge-[1:3],!edge-5', or --max-fail 4",
  ],
  [
    'beside the limit that was given',
    [failed('edge-1')],
    ['edge'],
    "--limit 'edge,!edge-1', or --max-fail 1",
  ],
  ['nothing failed', [{ ...failed('edge-1'), status: 'warning' }], [], undefined],
  ['the cluster failed', [failed('edge-1'), failed()], [], undefined],
  ['a control-plane host failed', [failed('edge-1'), failed('cp-1')], [], undefined],
])('how to go on without hosts that failed: %s', (_, checks, limit, flags) => {
  const selected = new Set(['cp-1', 'a', 'edge-1', 'edge-2', 'edge-3', 'edge-5', 'edge-9'])
  expect(withoutFailed(checks, { needed: new Set(['cp-1']), selected, limit })).toBe(flags)
})

it('no way goes on where every selected host failed', () => {
  const only = { needed: new Set<string>(), selected: new Set(['edge-1']), limit: ['edge-1'] }
  expect(withoutFailed([failed('edge-1')], only)).toBeUndefined()
})
