import { didYouMean } from '../nearest.js'
import type { Problem } from '../problems.js'
import type { Position } from '../types.js'
import type { Statement } from './statements.js'

/** Far above what anybody writes, far below what the stack takes. */
const maxDepth = 100

export interface Group {
  name: string
  parents: Set<string>
  children: Set<string>
  /** Hosts that stand in it directly, as first mentioned. */
  hosts: Set<string>
  /** Length of the longest way down from `all`. */
  depth: number
}

export interface Graph {
  groups: ReadonlyMap<string, Group>
  /** Every host with the place of its first mention. */
  hosts: ReadonlyMap<string, Position>
}

/** The groups and hosts of an inventory; no depths when there are problems, such as a cycle. */
export function buildGraph(statements: readonly Statement[]): Graph & { problems: Problem[] } {
  const declared = new Set([
    'all',
    'ungrouped',
    ...statements.flatMap((s) => (s.kind === 'group' ? [s.group] : [])),
  ])
  const groups = new Map<string, Group>()
  for (const name of declared)
    groups.set(name, { name, parents: new Set(), children: new Set(), hosts: new Set(), depth: 0 })
  const hosts = new Map<string, Position>()
  const problems: Problem[] = []
  for (const statement of statements) {
    if (statement.kind === 'host') {
      if (!hosts.has(statement.host)) hosts.set(statement.host, statement.position)
      groups.get(statement.group)?.hosts.add(statement.host)
    } else if (statement.kind === 'child') {
      const { group, child, position } = statement
      if (child === 'all') problems.push({ position, message: 'group "all" stands in no other' })
      else if (!declared.has(child))
        problems.push({ position, message: `there is no group "${child}"${didYouMean(child, declared)}` })
      else {
        groups.get(group)?.children.add(child)
        groups.get(child)?.parents.add(group)
      }
    } else if (statement.kind === 'group-variable' && !declared.has(statement.group)) {
      const { position } = statement.variable
      problems.push({
        position,
        message: `sets a variable of group "${statement.group}", which there is not`,
      })
    }
  }
  problems.push(...nestingProblems(groups, statements))
  if (problems.length === 0) setDepths(groups)
  return { groups, hosts, problems }
}

/** Every group of a host, with `all`: those that hold it and those around them. */
export function groupsAround(host: string, { groups }: Graph): Group[] {
  const around = new Set<Group>()
  const add = (group: Group | undefined): void => {
    if (group === undefined || around.has(group)) return
    around.add(group)
    for (const parent of group.parents) add(groups.get(parent))
  }
  add(groups.get('all'))
  for (const group of groups.values()) if (group.hosts.has(host)) add(group)
  return [...around]
}

/** Groups that hold themselves, and those nested so deep that nobody meant it. */
function nestingProblems(groups: ReadonlyMap<string, Group>, statements: readonly Statement[]): Problem[] {
  /** How many groups deep it is below a group, itself counted. */
  const heights = new Map<string, number>()
  const problems: Problem[] = []
  const report = (group: string | undefined, child: string, message: string): void => {
    const found = statements.find((s) => s.kind === 'child' && s.group === group && s.child === child)
    if (found?.kind === 'child') problems.push({ position: found.position, message })
  }
  const tooDeep = (name: string) => `group "${name}" holds groups more than ${maxDepth} deep`
  const visit = (name: string, way: readonly string[]): number => {
    const known = heights.get(name)
    if (known !== undefined) return known
    const start = way.indexOf(name)
    if (start >= 0) {
      const circle = [...way.slice(start), name].join(' > ')
      report(way.at(-1), name, `group "${name}" would hold itself: ${circle}`)
      return 0
    }
    if (way.length > maxDepth) {
      report(way.at(-1), name, tooDeep(way[0] ?? name))
      return 0
    }
    let height = 1
    for (const child of groups.get(name)?.children ?? []) {
      const below = visit(child, [...way, name])
      if (below > maxDepth) report(name, child, tooDeep(name))
      else height = Math.max(height, 1 + below)
    }
    heights.set(name, height)
    return height
  }
  for (const name of groups.keys()) visit(name, [])
  return problems
}

/** Groups without a parent hang below `all`, as Ansible has it. */
function setDepths(groups: ReadonlyMap<string, Group>): void {
  const depthOf = (group: Group): number => {
    if (group.name !== 'all' && group.depth === 0)
      group.depth = 1 + Math.max(0, ...[...group.parents].map((name) => depthOf(groups.get(name) ?? group)))
    return group.depth
  }
  for (const group of groups.values()) depthOf(group)
}
