import { counted } from '../../words.js'
import { didYouMean } from '../nearest.js'
import { formatPosition, type Problem } from '../problems.js'
import type { Position } from '../types.js'
import { ownKeys, understoodKeys } from './keys.js'
import type { Statement } from './statements.js'

/** Names with the places where they stand. */
export type Places = Map<string, Position[]>

/** Adds a place once, however many hosts of a range stand there. */
export function addPlace(places: Places, name: string, position: Position): void {
  const known = places.get(name) ?? []
  const last = known.at(-1)
  if (last === undefined || formatPosition(last) !== formatPosition(position)) known.push(position)
  places.set(name, known)
}

/** Every variable that yurt-ssh does not read, in two heaps: those that Ansible's connections know, and all others. */
export function unreadVariables(statements: readonly Statement[]): { connection: Places; other: Places } {
  const connection: Places = new Map()
  const other: Places = new Map()
  for (const statement of statements) {
    if (!('variable' in statement)) continue
    const { key, position } = statement.variable
    if (!understoodKeys.has(key) && !key.startsWith('yurt_ssh_'))
      addPlace(key.startsWith('ansible_') ? connection : other, key, position)
  }
  return { connection, other }
}

/** Variables of our own that there are not. */
export function ownKeyProblems(statements: readonly Statement[]): Problem[] {
  return statements.flatMap((statement) => {
    if (!('variable' in statement)) return []
    const { key, position } = statement.variable
    if (!key.startsWith('yurt_ssh_') || ownKeys.includes(key)) return []
    return [
      {
        position,
        message: `unknown variable ${key}${didYouMean(key, ownKeys) || `; known are ${ownKeys.join(', ')}`}`,
      },
    ]
  })
}

/** `hosts.ini:3:7, hosts.ini:9:7 and 12 more places` */
export function formatPlaces(positions: readonly Position[]): string {
  const shown = positions.slice(0, 3).map(formatPosition).join(', ')
  const more = positions.length - 3
  return more > 0 ? `${shown} and ${counted(more, 'more place')}` : shown
}
