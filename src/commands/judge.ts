import { ExitCode, worstExitCode } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'
import { type Check, ignoreChecks } from '../plan/checks.js'
import { nodesNotReady } from '../plan/preflight-cluster.js'
import { amountOf, amountText, asksForWaves } from '../rollout/pace.js'
import { type Limits, stopOf } from '../rollout/threshold.js'
import type { Survey } from './gather.js'
import type { ChangeOptions } from './options.js'
import {
  controlPlaneHosts,
  exitCodeOfChecks,
  leaveOut,
  maxFailCheck,
  reachChecks,
  withoutFailed,
} from './refusals.js'
import type { Site } from './site.js'

/** What must hold before a change. */
export interface Rules {
  /** Hosts that are not reached refuse the run, or are left out whatever --max-fail says. */
  unreachable: 'refuse' | 'leave-out'
  checks: (survey: Survey, site: Site) => Check[]
}

/** Whether a run may go on, and with whom. */
export interface Verdict {
  /** `failed` ones refuse the run. */
  checks: Check[]
  /** The run's exit code so far: of its refusal, or of the hosts that it goes on without. */
  exitCode: ExitCode
  refused: boolean
  /** Of a refused run: the flags with which it goes on without the hosts that failed, where it can. */
  goOn?: string
  /** The site without the hosts that are left out. */
  site: Site
  limits: Limits
  /** Those of the hosts left out that count for the limits, by inventory name. */
  counted: string[]
  /** Inventory names of the hosts that it goes on without, whether they count for --max-fail or not. */
  leftOut: string[]
}

/**
 * Hosts that cannot be worked are left out as long as there are no more of them than --max-fail allows; a check of the
 * cluster, and a control-plane host, refuse the whole run.
 */
export function judge(rules: Rules, survey: Survey, site: Site, given: ChangeOptions): Verdict {
  const masters = controlPlaneHosts(survey, site)
  const reach = reachChecks(survey, masters)
  const skipsUnreached = rules.unreachable === 'leave-out'
  const checked = (on: Site, without: ReadonlySet<string>): Check[] =>
    ignoreChecks(
      [
        ...(skipsUnreached ? reach.map(leaveOut) : reach.filter(({ host }) => !without.has(host ?? ''))),
        ...rules.checks(survey, on),
      ],
      given.ignorePreflightErrors,
    )
  const checks = checked(site, new Set())
  const skipped = skipsUnreached ? reach.flatMap(({ host }) => host ?? []) : []
  const bad = badHosts(checks, survey, site, masters)
  const names = new Set(bad.flatMap(({ host }) => host ?? []))
  const total = new Set([...site.selected, ...masters]).size
  const { maxFail, failFast } = given.pace
  const allowed = maxFail === undefined ? undefined : amountOf(maxFail, total, 0)
  const limits: Limits = {
    ...(allowed === undefined ? {} : { allowed }),
    failFast,
    waves: asksForWaves(given.pace),
  }
  const asItIs = {
    site,
    leftOut: skipped,
    limits,
    counted: [],
    exitCode: exitCodeOfChecks(skipsUnreached ? reach : []),
  }
  const concluded = (checks: Check[], rest: Omit<Verdict, 'checks' | 'refused'>): Verdict => {
    const refusal = exitCodeOfChecks(checks)
    if (refusal === ExitCode.done) return { ...rest, checks, refused: false }
    const goOn = withoutFailed(checks, { needed: masters, selected: site.selected, limit: given.limit })
    return { ...rest, checks, refused: true, exitCode: refusal, ...(goOn === undefined ? {} : { goOn }) }
  }
  if (names.size === 0 || [...names].some((name) => masters.has(name))) return concluded(checks, asItIs)
  if (stopOf(limits, { leftOut: names.size, failed: 0 }) !== 'no') {
    if (maxFail === undefined || allowed === 0) return concluded(checks, asItIs)
    const limit = `--max-fail ${amountText(maxFail)} (${allowed} of ${total})`
    return concluded([...checks, maxFailCheck(names.size, limit, hostRanges(names))], asItIs)
  }
  const selected = new Set([...site.selected].filter((name) => !names.has(name)))
  const rest = { ...site, selected }
  const others = checked(rest, names)
  if (exitCodeOfChecks(others) !== ExitCode.done) return concluded([...bad, ...others], asItIs)
  return concluded([...bad.map(leaveOut), ...others], {
    site: rest,
    leftOut: [...skipped, ...names],
    limits,
    counted: [...names],
    exitCode: worstExitCode([asItIs.exitCode, exitCodeOfChecks(bad)]),
  })
}

/** Failed checks of single hosts; where the cluster's check of Ready nodes failed, one more for each such node. */
function badHosts(
  checks: readonly Check[],
  { fleet }: Survey,
  { inventory, selected, options }: Site,
  masters: ReadonlySet<string>,
): Check[] {
  const failed = checks.filter(({ status }) => status === 'failed')
  const own = failed.filter(({ host }) => host !== undefined)
  if (!failed.some(({ name, host }) => name === 'NodesReady' && host === undefined)) return own
  const notReady = nodesNotReady(fleet, options.release)
  const known = new Set([...own.map(({ host }) => host), ...masters])
  const hosts = inventory.hosts.filter(
    ({ name, node }) => selected.has(name) && !known.has(name) && notReady.has(node),
  )
  return [
    ...own,
    ...hosts.map(
      ({ name }): Check => ({
        name: 'NodesReady',
        host: name,
        status: 'failed',
        message: 'its node is not Ready',
      }),
    ),
  ]
}
