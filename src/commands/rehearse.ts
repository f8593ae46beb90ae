import { ExitCode, worstExitCode } from '../errors.js'
import { isConverted } from '../lab/rehearsal/native.js'
import { unlikeness } from '../lab/rehearsal/specs.js'
import type { Snapshot, SnapshotHost } from '../lab/snapshot/format.js'
import { type Check, ignoreChecks } from '../plan/checks.js'
import { planConvert } from '../plan/convert.js'
import type { PlanOptions } from '../plan/options.js'
import type { Plan } from '../plan/types.js'
import { findRelease } from '../releases/release.js'
import { counted } from '../words.js'
import { convertChecks } from './convert.js'
import type { CommonOptions, Listener } from './options.js'
import { controlPlaneHosts, exitCodeOfChecks, reachChecks } from './refusals.js'
import { type Rehearsed, rehearseInLab } from './rehearse-run.js'
import { snapshotSurvey } from './snapshot-survey.js'

/** What a rehearsal foretells, and what came of it in the lab. */
export interface Rehearsal {
  exitCode: ExitCode
  taken: string
  /** What the checks of a convert say of the real fleet. */
  checks: Check[]
  /** What a convert would change of the real fleet; absent where no host can be planned for. */
  plan?: Plan
  /** Hosts of which something cannot be imitated, or that are not rehearsed at all, and why. */
  odd: { host: string; words: string[] }[]
  /** Absent where no control-plane host could be rehearsed. */
  lab?: Rehearsed
}

/**
 * Builds the fleet of a snapshot in a lab of its own and runs convert and revert there. The checks and the plan are
 * those of the real fleet; the lab shows whether its hosts go there and back.
 */
export async function rehearse(
  snapshot: Snapshot,
  given: CommonOptions,
  listener: Listener,
): Promise<Rehearsal> {
  const release = findRelease(given.release ?? snapshot.release)
  const options: PlanOptions = { ...given.plan, release, images: { ...snapshot.images, ...given.images } }
  const { survey, site } = snapshotSurvey(snapshot, given, options)
  const found = [...reachChecks(survey, controlPlaneHosts(survey, site)), ...convertChecks(survey, site)]
  const checks = ignoreChecks(found, given.ignorePreflightErrors)
  const failing = checks.flatMap(({ status, host }) => (status === 'failed' ? (host ?? []) : []))
  const straying = snapshot.hosts.filter(leadsUpwards).map(({ name }) => name)
  const refused = new Set([...failing, ...straying])
  const members = survey.fleet.members.filter(({ host }) => !refused.has(host.name))
  const foretold: Rehearsal = {
    exitCode: worstExitCode([
      exitCodeOfChecks(checks),
      straying.length > 0 ? ExitCode.hostsFailed : ExitCode.done,
    ]),
    taken: snapshot.taken,
    checks,
    odd: oddHosts(snapshot, refused, options),
    ...(members.length === 0
      ? {}
      : { plan: planConvert({ ...survey.fleet, members }, site.selected, options) }),
  }
  if (!members.some(({ controlPlane }) => controlPlane)) return foretold
  listener.tell(
    `Rehearsing ${counted(members.length, 'host')} in a lab; nothing real is touched from here on.`,
  )
  const lab = await rehearseInLab(members, snapshot.cluster.serverVersion, given, options, listener)
  const spoilt = lab.unlike.length > 0 ? ExitCode.hostsFailed : ExitCode.done
  const exitCode = worstExitCode([foretold.exitCode, lab.convert.exitCode, lab.revert.exitCode, spoilt])
  return { ...foretold, lab, exitCode }
}

/** Whatever a host or a file says, nothing is written outside of the lab's folder. */
function leadsUpwards({ facts }: SnapshotHost): boolean {
  return /\/\.\.|\.\.\//.test(JSON.stringify(facts ?? ''))
}

function oddHosts(snapshot: Snapshot, refused: ReadonlySet<string>, options: PlanOptions): Rehearsal['odd'] {
  return snapshot.hosts.flatMap((host) => {
    const { name, facts, failure } = host
    const words =
      facts === undefined
        ? [`not rehearsed: ${failure?.message ?? 'it was not read'}`]
        : [
            ...(leadsUpwards(host)
              ? ['not rehearsed: a path of it leads upwards (..), out of the lab']
              : refused.has(name)
                ? ['not rehearsed: its checks fail']
                : []),
            ...(isConverted(facts, options) ? ['converted already: rehearsed as after a revert'] : []),
            ...unlikeness(facts),
          ]
    return words.length === 0 ? [] : [{ host: name, words }]
  })
}
