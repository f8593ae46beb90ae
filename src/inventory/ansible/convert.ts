import type { Foreign } from '../build.js'
import { formatPosition, type Problem, refuse } from '../problems.js'
import { maxHosts } from '../ranges.js'
import type { Surroundings } from '../settings.js'
import type { Path, Source } from '../source.js'
import type { Position } from '../types.js'
import { bastionHost, bastionLogin } from './bastion.js'
import { buildGraph, type Graph, groupsAround } from './graph.js'
import { convertHost, type HostFields } from './host.js'
import { neededKeys } from './keys.js'
import type { Reports } from './login.js'
import { addPlace, formatPlaces, ownKeyProblems, type Places, unreadVariables } from './notes.js'
import type { Reading } from './statements.js'
import { treeOf } from './tree.js'
import { createVariables } from './variables.js'

interface Converted {
  hosts: Record<string, HostFields>
  groupsOf: Map<string, string[]>
  /** Place of each setting, by host and field. */
  places: Map<string, Position>
  /** Hosts that are no Kubernetes nodes. */
  leftOut: Places
}

/**
 * Ansible's inventory in the native format, every host with what counts for it. `files` are those of the inventory
 * itself.
 * @throws YurtSshError INVENTORY_INVALID: every problem of the files, else every one of the hosts
 */
export function convertAnsible(
  reading: Reading,
  files: readonly string[],
  surroundings: Surroundings,
): { source: Source; foreign: Foreign } {
  const { statements } = reading
  const graph = buildGraph(statements)
  refuse([...reading.problems, ...graph.problems, ...ownKeyProblems(statements)])
  const beyond = [...graph.hosts][maxHosts]
  if (beyond !== undefined)
    refuse([{ position: beyond[1], message: `with ${beyond[0]} there are more than ${maxHosts} hosts` }])
  const { connection, other } = unreadVariables(statements)
  const problems = new Map<string, Problem>()
  const reports: Reports = {
    problem: (problem) => problems.set(`${formatPosition(problem.position)} ${problem.message}`, problem),
    ignored: (name, position) => addPlace(connection, name, position),
  }
  const converted = convertHosts(reading, graph, surroundings, reports)
  const start: Position = { file: files[0] ?? '', line: 1, column: 1 }
  if (problems.size === 0 && converted.groupsOf.size === 0)
    reports.problem({
      position: start,
      message: 'no host is in kube_control_plane, kube_node, cloud or edge',
    })
  refuse([...problems.values()])
  return {
    source: sourceOf(converted, files, (path) => graph.hosts.get(String(path[1])) ?? start),
    foreign: {
      groupsOf: converted.groupsOf,
      groups: treeOf(graph, new Set(converted.groupsOf.keys())),
      warnings: [
        ...reading.warnings.map(({ position, message }) => `${formatPosition(position)} ${message}`),
        ...lines(converted.leftOut, 'is left out: it is in no group of Kubernetes nodes'),
        ...lines(connection, 'is not followed'),
      ],
      unread: lines(other, 'is not read'),
    },
  }
}

function convertHosts(
  reading: Reading,
  graph: Graph,
  surroundings: Surroundings,
  reports: Reports,
): Converted {
  const variablesOf = createVariables(reading.statements, graph, neededKeys)
  const jump = bastionHost(graph)
  const bastion =
    jump === undefined ? undefined : bastionLogin(jump, variablesOf(jump), surroundings, reports)
  const converted: Converted = { hosts: {}, groupsOf: new Map(), places: new Map(), leftOut: new Map() }
  for (const [name, position] of graph.hosts) {
    const groups = groupsAround(name, graph)
      .toSorted((a, b) => a.depth - b.depth || (a.name < b.name ? -1 : 1))
      .map((group) => group.name)
      .filter((group) => group !== 'all' && group !== 'ungrouped')
    const candidate = { name, position, groups, variables: variablesOf(name) }
    const host = convertHost(candidate, name === jump ? undefined : bastion, surroundings, reports)
    if (host === undefined) {
      if (name !== jump) addPlace(converted.leftOut, name, position)
      continue
    }
    converted.hosts[name] = host.fields
    converted.groupsOf.set(name, groups)
    for (const [field, place] of host.places) converted.places.set(`${name} ${field}`, place)
  }
  return converted
}

function sourceOf(
  { hosts, places }: Converted,
  files: readonly string[],
  keyAt: (path: Path) => Position,
): Source {
  return {
    files: [...files],
    value: { hosts },
    keyAt,
    valueAt(path) {
      const [, host, field, setting] = path
      return places.get(`${String(host)} ${String(field === 'ssh' ? setting : field)}`) ?? keyAt(path)
    },
    problems: [],
    mask: (message) => message,
  }
}

function lines(places: Places, what: string): string[] {
  return [...places].map(([name, positions]) => `${name} ${what}: ${formatPlaces(positions)}`)
}
