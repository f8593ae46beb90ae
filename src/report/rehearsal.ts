import type { Check } from '../plan/checks.js'
import type { Plan } from '../plan/types.js'
import type { RunResult } from '../rollout/run.js'
import { renderChecks } from './checks.js'
import { instant } from './page-words.js'
import { type PlanView, renderPlan } from './plan.js'
import { renderRecap } from './recap.js'

/** What of a rehearsal is shown. */
export interface RehearsalView {
  taken: string
  checks: readonly Check[]
  plan?: Plan
  odd: readonly { host: string; words: readonly string[] }[]
  lab?: { convert: LabRun; revert: LabRun; unlike: readonly string[] }
}

interface LabRun {
  checks: readonly Check[]
  run?: RunResult
}

/** Refusals and changes of the real fleet first, then what became of its copy in the lab. */
export function renderRehearsal(rehearsal: RehearsalView, view: PlanView): string {
  const { taken, checks, plan, odd, lab } = rehearsal
  const failed = checks.filter(({ status }) => status === 'failed')
  return [
    `The fleet of ${instant(taken)}.`,
    failed.length === 0
      ? 'No check of a convert would refuse it.'
      : `A convert would be refused by:\n${renderChecks(failed)}`,
    ...(plan === undefined ? [] : [`A convert would do:\n${renderPlan(plan, view)}`]),
    ...odd.map(({ host, words }) => `${host}: ${words.join('; ')}`),
    ...(lab === undefined
      ? ['Nothing was rehearsed: no control-plane host passes its checks.']
      : labParts(lab)),
    'The lab runs stand-ins for Kubernetes and OpenYurt: it shows what yurt-ssh does, not what they do.',
  ].join('\n\n')
}

function labParts({ convert, revert, unlike }: NonNullable<RehearsalView['lab']>): string[] {
  return [
    `In the lab, convert:\n${part(convert)}`,
    `In the lab, revert:\n${part(revert)}`,
    unlike.length === 0
      ? 'After the revert every file was as before, byte for byte.'
      : `After the revert these files were not as before: ${unlike.join(', ')}`,
  ]
}

function part({ checks, run }: LabRun): string {
  if (run !== undefined) return renderRecap(run)
  const failed = checks.filter(({ status }) => status === 'failed')
  return failed.length === 0 ? 'nothing to do' : renderChecks(failed)
}
