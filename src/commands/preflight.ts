import type { ExitCode } from '../errors.js'
import { type Check, ignoreChecks } from '../plan/checks.js'
import { conversionAsks, convertChecks } from './convert.js'
import { gather } from './gather.js'
import type { CommonOptions, Listener } from './options.js'
import { controlPlaneHosts, exitCodeOfChecks, reachChecks } from './refusals.js'
import { openSite } from './site.js'

export interface PreflightResult {
  exitCode: ExitCode
  checks: Check[]
}

/** The checks of a conversion, alone. */
export async function preflight(given: CommonOptions, listener: Listener): Promise<PreflightResult> {
  const { signal, tell } = listener
  const site = await openSite(given, listener)
  site.warnings.forEach(tell)
  try {
    const survey = await gather(site, conversionAsks, signal)
    const checks = ignoreChecks(
      [...reachChecks(survey, controlPlaneHosts(survey, site)), ...convertChecks(survey, site)],
      given.ignorePreflightErrors,
    )
    return { exitCode: exitCodeOfChecks(checks), checks }
  } finally {
    site.close()
  }
}
