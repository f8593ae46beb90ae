import { expect, it } from 'vitest'
import { reachChecks } from '../../src/commands/refusals.js'
import { YurtSshError } from '../../src/errors.js'

it('says how to go on without a host, where a run can', () => {
  const silent = (host: string) => new YurtSshError('SSH_TIMEOUT', 'no answer', { host, hint: 'is it up?' })
  const failures = new Map(['cp-1', 'edge-1', 'edge-2'].map((host) => [host, silent(host)]))
  expect(reachChecks({ failures }, new Set(['cp-1'])).map(({ hint }) => hint)).toEqual([
    'is it up?; no run goes on without a control-plane host',
    "is it up?; or go on without it: --limit '!edge-1', or --max-fail 2",
    "is it up?; or go on without it: --limit '!edge-2', or --max-fail 2",
  ])
})
