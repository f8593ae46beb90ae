import type { Host } from '../inventory/types.js'
import type { Phase, Plan } from '../plan/types.js'
import { type GroupOfHost, groupsOf, mostAtOnce, others } from './groups.js'
import { type Amount, amountOf, type Pace } from './pace.js'

/** A plan in time: who is worked in which wave, and how many of a group at once. */
export interface Schedule {
  /** For each phase of the plan its waves, as inventory names; none for a phase that does not go in waves. */
  waves: string[][][]
  /** The group of each host, and the most of a group at a time, where that is limited. */
  groupOf: ReadonlyMap<string, string>
  atOnce: ReadonlyMap<string, number>
}

/** With groups as waves, a group is not down whole unless the operator says so. */
const halfOfGroup: Amount = { kind: 'percent', percent: 50 }

/**
 * Cuts every phase that puts kubelets on hubs, or takes them off, into waves. `hosts` are all of the inventory: what
 * part of a group may be away does not depend on --limit.
 * @throws YurtSshError USAGE_SERIAL_BY
 */
export function scheduleOf(plan: Plan, pace: Pace, hosts: readonly Host[]): Schedule {
  const groups = groupsOf(hosts, pace.serialBy)
  const most = pace.maxUnavailable ?? (pace.serialBy === undefined ? undefined : halfOfGroup)
  return {
    waves: plan.phases.map((phase) => wavesOf(phase, pace, groups)),
    groupOf: new Map([...groups].map(([host, { group }]) => [host, group])),
    atOnce: most === undefined ? new Map() : mostAtOnce(groups, most),
  }
}

/** Cuts items into waves: each size takes that many, or that part of all of them; the last size repeats. */
export function cut<T>(items: readonly T[], sizes: readonly Amount[]): T[][] {
  const waves: T[][] = []
  for (let begin = 0; begin < items.length; ) {
    const size = sizes[Math.min(waves.length, sizes.length - 1)]
    const count = size === undefined ? items.length : amountOf(size, items.length)
    waves.push(items.slice(begin, begin + count))
    begin += count
  }
  return waves
}

function wavesOf(phase: Phase, pace: Pace, groups: ReadonlyMap<string, GroupOfHost>): string[][] {
  if (!goesInWaves(phase)) return []
  const names = phase.work.map(({ host }) => host)
  if (pace.serialBy === undefined) return cut(names, pace.serial)
  const sizes: readonly Amount[] = pace.serial.length > 0 ? pace.serial : [{ kind: 'count', count: 1 }]
  return cut(unitsOf(names, groups), sizes).map((wave) => wave.flat())
}

/** Hosts by group, in the order of the plan; those in no such group last. */
function unitsOf(names: readonly string[], groups: ReadonlyMap<string, GroupOfHost>): string[][] {
  const units = new Map<string, string[]>()
  for (const name of names) {
    const group = groups.get(name)?.group ?? others
    units.set(group, [...(units.get(group) ?? []), name])
  }
  const rest = units.get(others)
  units.delete(others)
  return [...units.values(), ...(rest === undefined ? [] : [rest])]
}

/** One-by-one phases verify each host already, and tidying up puts no node at risk. */
function goesInWaves(phase: Phase): phase is Phase & { kind: 'hosts' } {
  if (phase.kind === 'cluster' || phase.order === 'one-by-one') return false
  return phase.work.some(({ transaction }) => transaction?.kind === 'hub')
}
