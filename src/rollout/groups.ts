import { YurtSshError } from '../errors.js'
import { didYouMean } from '../inventory/nearest.js'
import type { Host } from '../inventory/types.js'
import { type Amount, amountOf } from './pace.js'

/** The group that counts for a host, and how many of its hosts there are in the inventory. */
export interface GroupOfHost {
  group: string
  size: number
}

/** Hosts that stand in no such group count as one group of this name. */
export const others = ''

/**
 * The group of each host, by inventory name. `level` is a depth, 1 for the outermost group, or a name: `site` stands for
 * the groups `site`, `site-a`, `site-b` …, the outermost of them where they are nested. Without a level it is the group
 * that a host stands in directly.
 * @throws YurtSshError USAGE_SERIAL_BY: no host stands in such a group
 */
export function groupsOf(hosts: readonly Host[], level?: string): Map<string, GroupOfHost> {
  const named = hosts.map(({ name, groups }) => [name, groupAt(groups, level)] as const)
  if (level !== undefined && named.every(([, group]) => group === undefined)) throw unknownLevel(hosts, level)
  const sizes = new Map<string, number>()
  for (const [, group = others] of named) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return new Map(named.map(([name, group = others]) => [name, { group, size: sizes.get(group) ?? 0 }]))
}

/** The most hosts of each group that may be worked at a time, by group. */
export function mostAtOnce(groups: ReadonlyMap<string, GroupOfHost>, most: Amount): Map<string, number> {
  return new Map([...groups.values()].map(({ group, size }) => [group, amountOf(most, size)]))
}

function groupAt(groups: readonly string[], level: string | undefined): string | undefined {
  if (level === undefined) return groups.at(-1)
  if (/^\d+$/.test(level)) return groups[Number(level) - 1]
  return groups.find(
    (group) => group === level || (/^[-_.]/.test(group.slice(level.length)) && group.startsWith(level)),
  )
}

function unknownLevel(hosts: readonly Host[], level: string): YurtSshError {
  const known = new Set(hosts.flatMap(({ groups }) => groups))
  return new YurtSshError(
    'USAGE_SERIAL_BY',
    `--serial-by ${level}: no host stands in such a group${didYouMean(level, known)}`,
    {
      hint: 'give a depth, 1 for the outermost groups, or what the names of the groups begin with: site for site-a',
    },
  )
}
