import type { Check } from '../plan/checks.js'
import { planConvert, wantedComponents } from '../plan/convert.js'
import { getsHub } from '../plan/fleet.js'
import { admissionChecks } from '../plan/preflight-admission.js'
import { preflightCluster } from '../plan/preflight-cluster.js'
import { preflightHost } from '../plan/preflight-host.js'
import { type Change, type ChangeResult, runChange } from './change.js'
import type { Asks, Survey } from './gather.js'
import type { ChangeOptions, Surroundings } from './options.js'
import type { Site } from './site.js'

/** What a conversion, and whoever foretells one, must know. */
export const conversionAsks: Asks = { hosts: 'selected', belongings: false }

export const conversion: Change = {
  verb: 'convert',
  asks: ({ restartPods }) => ({ ...conversionAsks, trials: true, belongings: restartPods }),
  unreachable: 'refuse',
  checks: convertChecks,
  plan: ({ fleet }, { selected, options }) => planConvert(fleet, selected, options),
}

/** Turns the inventory's cluster into an OpenYurt cluster; changes nothing where it is one. */
export function convert(given: ChangeOptions, surroundings: Surroundings): Promise<ChangeResult> {
  return runChange(conversion, given, surroundings)
}

/** Everything that must hold before a conversion: the cluster's checks, then each selected host's. */
export function convertChecks(
  { fleet, trials }: Pick<Survey, 'fleet' | 'trials'>,
  { inventory, selected, options }: Pick<Site, 'inventory' | 'selected' | 'options'>,
): Check[] {
  const hosts = fleet.members.filter(({ host, controlPlane }) => selected.has(host.name) || controlPlane)
  return [
    ...preflightCluster(inventory.hosts, selected, fleet, wantedComponents(fleet, options), options),
    ...(trials === undefined
      ? []
      : admissionChecks(
          trials,
          hosts.map(({ host }) => host),
        )),
    ...hosts.flatMap((member) =>
      preflightHost(member.host, member.facts, getsHub(member) && selected.has(member.host.name), options),
    ),
  ]
}
