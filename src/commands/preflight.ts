import type { ExitCode } from '../errors.js'
import { type Check, ignoreChecks } from '../plan/checks.js'
import { conversionAsks, convertChecks } from './convert.js'
import { gather } from './gather.js'
import type { CommonOptions, Listener } from './options.js'
import { controlPlaneHosts, exitCodeOfChecks, reachChecks, withoutFailed } from './refusals.js'
import { openSite } from './site.js'

export interface PreflightResult {
  exitCode: ExitCode
  checks: Check[]
  /** The flags with which a convert goes on without the hosts that failed, where it can. */
  goOn?: string
}

/** The checks of a conversion, alone. */
export async function preflight(given: CommonOptions, listener: Listener): Promise<PreflightResult> {
  const { signal, tell } = listener
  const site = await openSite(given, listener)
  site.warnings.forEach(tell)
  try {
    const survey = await gather(site, { ...conversionAsks, trials: true }, signal)
    const masters = controlPlaneHosts(survey, site)
    const checks = ignoreChecks(
      [...reachChecks(survey, masters), ...convertChecks(survey, site)],
      given.ignorePreflightErrors,
    )
    const goOn = withoutFailed(checks, { needed: masters, selected: site.selected, limit: given.limit })
    return { exitCode: exitCodeOfChecks(checks), checks, ...(goOn === undefined ? {} : { goOn }) }
  } finally {
    site.close()
  }
}
