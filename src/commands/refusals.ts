import { ExitCode, YurtSshError } from '../errors.js'
import { hostRanges } from '../inventory/host-ranges.js'
import type { Check } from '../plan/checks.js'
import { counted } from '../words.js'
import type { Survey } from './gather.js'
import type { Site } from './site.js'

/** Inventory names of the hosts of the control plane, reached or not. No run goes on without one of them. */
export function controlPlaneHosts({ fleet }: Survey, { inventory }: Pick<Site, 'inventory'>): Set<string> {
  const nodes = new Set(
    fleet.cluster.nodes.filter(({ controlPlane }) => controlPlane).map(({ name }) => name),
  )
  return new Set([
    ...inventory.hosts.filter(({ node }) => nodes.has(node)).map(({ name }) => name),
    ...fleet.members.filter(({ controlPlane }) => controlPlane).map(({ host }) => host.name),
  ])
}

/** Hosts that were not reached, or not understood; `needed` are those without which no run goes on. */
export function reachChecks(
  { failures }: Pick<Survey, 'failures'>,
  needed: ReadonlySet<string> = new Set(),
): Check[] {
  return [...failures].map(([host, error]) => ({
    name: error.code.startsWith('SSH_') ? 'Reachable' : 'Facts',
    host,
    status: 'failed',
    message: error.message,
    ...hintOf(error.hint, needed.has(host)),
  }))
}

function hintOf(own: string | undefined, needed: boolean): Pick<Check, 'hint'> {
  const hints = [
    ...(own === undefined ? [] : [own]),
    ...(needed ? ['no run goes on without a control-plane host'] : []),
  ]
  return hints.length === 0 ? {} : { hint: hints.join('; ') }
}

/**
 * How to go on without the hosts that failed, as the flags for it, beside those of `limit`; undefined where no run goes on:
 * the cluster itself failed, or a host of the `needed` ones, or every `selected` one.
 */
export function withoutFailed(
  checks: readonly Check[],
  {
    needed,
    selected,
    limit,
  }: {
    needed: ReadonlySet<string>
    selected: ReadonlySet<string>
    limit: readonly string[]
  },
): string | undefined {
  const failed = checks.filter(({ status }) => status === 'failed')
  const hosts = new Set(failed.flatMap(({ host }) => host ?? []))
  if (hosts.size === 0 || failed.some(({ host }) => host === undefined || needed.has(host))) return undefined
  if ([...selected].every((name) => hosts.has(name))) return undefined
  const patterns = [
    ...limit,
    ...hostRanges(hosts)
      .split(',')
      .map((word) => `!${word}`),
  ]
  return `--limit '${patterns.join(',')}', or --max-fail ${hosts.size}`
}

/** What the checks of hosts begin with that a run goes on without. */
export const leftOutPrefix = 'left out: '

/** The same check where such hosts are left out and reported. */
export function leaveOut(check: Check): Check {
  return { ...check, status: 'warning', message: `${leftOutPrefix}${check.message}` }
}

/** More hosts cannot be worked than the operator allows. */
export function maxFailCheck(count: number, limit: string, hosts: string): Check {
  return {
    name: maxFail,
    status: 'failed',
    message: `${counted(count, 'host')} cannot be worked, more than ${limit} allows: ${hosts}`,
    hint: 'mend them, leave them out with --limit, or allow more with --max-fail',
  }
}

const maxFail = 'MaxFail'

/** A cluster guard refuses the run; a host's own check is that host's failure. */
export function exitCodeOfChecks(checks: readonly Check[]): ExitCode {
  const failed = checks.filter(({ status }) => status === 'failed')
  if (failed.some(({ name, host }) => host === undefined && name !== maxFail)) return ExitCode.refused
  if (failed.some(({ name }) => name === maxFail)) return ExitCode.threshold
  if (failed.some(({ name }) => name !== 'Reachable')) return ExitCode.hostsFailed
  return failed.length > 0 ? ExitCode.hostsUnreachable : ExitCode.done
}

/** The end of a command whose question was answered with no. */
export function notApproved(): YurtSshError {
  return new YurtSshError('USAGE_NOT_APPROVED', 'not approved; nothing was touched')
}

/** Throws where the lock was lost, or Ctrl-C pressed, while the operator was asked. */
export function requireGoing({ aborted, reason }: AbortSignal): void {
  if (!aborted) return
  throw reason instanceof YurtSshError
    ? reason
    : new YurtSshError('INTERRUPTED', 'interrupted; nothing was touched')
}
