import { preflightRevert } from '../plan/preflight-revert.js'
import { planRevert } from '../plan/revert.js'
import { type Change, type ChangeResult, runChange } from './change.js'
import type { ChangeOptions, Surroundings } from './options.js'

export const reversion: Change = {
  verb: 'revert',
  asks: () => ({ hosts: 'all', belongings: true, plannable: 'revert' }),
  unreachable: 'leave-out',
  checks: ({ fleet }, { selected, options }) => preflightRevert(fleet, selected, options),
  plan: ({ fleet }, { selected, options }) => planRevert(fleet, selected, options),
}

/** Takes OpenYurt out of the cluster again; changes nothing where nothing of ours is left. */
export function revert(given: ChangeOptions, surroundings: Surroundings): Promise<ChangeResult> {
  return runChange(reversion, given, surroundings)
}
