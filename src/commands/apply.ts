import { YurtSshError } from '../errors.js'
import { attempt, type Check } from '../plan/checks.js'
import { changesSince, narrowedTo } from '../plan/stored.js'
import type { Plan } from '../plan/types.js'
import { type Change, type ChangeResult, runChange } from './change.js'
import { conversion } from './convert.js'
import type { Survey } from './gather.js'
import type { Surroundings } from './options.js'
import { inventorySha256, type StoredPlan } from './plan-file.js'
import { reversion } from './revert.js'
import type { Site } from './site.js'

/**
 * Runs a stored plan: everything is read and planned anew, and only what the stored plan says too is done. What it holds
 * is never run as it stands.
 * @throws YurtSshError USAGE_PLAN_INVENTORY, and what `runChange` throws
 */
export async function apply(
  stored: StoredPlan,
  { check }: { check: boolean },
  surroundings: Surroundings,
): Promise<ChangeResult> {
  const { inventory } = stored.options
  if ((await inventorySha256(inventory).catch(() => '')) !== stored.inventorySha256) {
    throw new YurtSshError(
      'USAGE_PLAN_INVENTORY',
      `${inventory.join(', ')} is not the inventory that the plan was made from`,
      { hint: 'make the plan again' },
    )
  }
  for (const line of describeStored(stored)) surroundings.tell(line)
  const change = stored.plan.verb === 'convert' ? conversion : reversion
  return runChange(boundTo(stored, change), { ...stored.options, check }, surroundings)
}

/** What a stored plan says beside its steps, for the operator to see before it is run. */
function describeStored({ plan, made, server, options }: StoredPlan): string[] {
  const { inventory, kubeconfig, ignorePreflightErrors: ignored } = options
  return [
    `stored plan: ${plan.verb}, made ${made} for ${server}`,
    `inventory ${inventory.join(', ')}${kubeconfig === undefined ? '' : `, kubeconfig ${kubeconfig}`}`,
    ...(ignored.length === 0 ? [] : [`checks whose failure is only a warning: ${ignored.join(', ')}`]),
  ]
}

/** The change as the stored plan has it, and nothing beside. */
export function boundTo(stored: StoredPlan, change: Change): Change {
  return {
    ...change,
    checks(survey, site) {
      const checks = change.checks(survey, site)
      return [
        ...serverChecks(stored, site),
        ...checks,
        ...planChecks(stored.plan, change, checks, survey, site),
      ]
    },
    plan: (survey, site) => narrowedTo(stored.plan, change.plan(survey, site)),
  }
}

function serverChecks({ server }: StoredPlan, { cluster }: Site): Check[] {
  if (cluster.server === server) return []
  return [
    failed(`the plan was made for the cluster at ${server}, the kubeconfig now leads to ${cluster.server}`),
  ]
}

/** Hosts that fail another check are not compared: nothing can be planned for them. */
function planChecks(
  stored: Plan,
  change: Change,
  checks: readonly Check[],
  survey: Survey,
  site: Site,
): Check[] {
  const bad = new Set(checks.filter(({ status }) => status === 'failed').map(({ host }) => host))
  const selected = new Set([...site.selected].filter((name) => !bad.has(name)))
  const { value: now } = attempt(() => change.plan(survey, { ...site, selected }))
  if (now === undefined) return []
  const { cluster, hosts } = changesSince(stored, now)
  return [
    ...(cluster.length === 0
      ? []
      : [failed(`the cluster has changed since the plan was made: ${cluster.join(', ')}`)]),
    ...hosts.map((host) => failed('it has changed since the plan was made', host)),
  ]
}

function failed(message: string, host?: string): Check {
  return {
    name: 'StoredPlan',
    ...(host === undefined ? {} : { host }),
    status: 'failed',
    message,
    hint: 'make the plan again to see how things are now',
    mandatory: true,
  }
}
