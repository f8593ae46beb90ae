import { YurtSshError } from '../errors.js'
import { limitWords, type Name, type Word } from './limit.js'
import { didYouMean } from './nearest.js'
import { expandRanges } from './ranges.js'
import type { Host } from './types.js'

/**
 * The hosts that `--limit` names, in the order of the inventory; all of them without a pattern. A pattern is a list of
 * host names, group names, ranges (`edge-[01:20]`) and globs (`*`, `?`) over both, separated by commas or colons; `all` is
 * every host, `@file` the words of a file. What stands without a sign is added up, then cut down to each `&` word, then
 * rid of each `!` word, wherever they stand; a list of signed words alone starts from all hosts. `files` holds the texts
 * of `@` files by path.
 * @throws YurtSshError USAGE_LIMIT: a word that names nothing, or no host left
 */
export function selectHosts(
  hosts: readonly Host[],
  patterns: readonly string[],
  files: ReadonlyMap<string, string> = new Map(),
): Host[] {
  if (patterns.length === 0) return [...hosts]
  const words = limitWords(patterns, files)
  const members = membersByName(hosts)
  const sets = (sign: Word['sign']) =>
    words
      .filter((word) => word.sign === sign)
      .map(({ names }) => new Set(names.flatMap((name) => hostsNamed(name, members))))
  const [added, kept, removed] = [sets(''), sets('&'), sets('!')]
  const bare = words.every(({ sign }) => sign !== '')
  const selected = hosts.filter(
    (host) =>
      (bare || added.some((set) => set.has(host))) &&
      kept.every((set) => set.has(host)) &&
      !removed.some((set) => set.has(host)),
  )
  if (selected.length === 0)
    throw new YurtSshError('USAGE_LIMIT', `--limit ${patterns.join(',')} leaves no host`)
  return selected
}

function membersByName(hosts: readonly Host[]): Map<string, Host[]> {
  const members = new Map<string, Host[]>()
  for (const host of hosts) {
    for (const name of new Set([host.name, ...host.groups])) {
      const named = members.get(name)
      if (named === undefined) members.set(name, [host])
      else named.push(host)
    }
  }
  if (!members.has('all')) members.set('all', [...hosts])
  return members
}

function hostsNamed({ text, place }: Name, members: Map<string, Host[]>): Host[] {
  return namesIn(text, place, members).flatMap((name) => {
    const glob = /[*?]/.test(name) ? globExpression(name) : undefined
    const found =
      glob === undefined
        ? members.get(name)
        : [...members].flatMap(([known, hosts]) => (glob.test(known) ? hosts : []))
    if (found !== undefined && found.length > 0) return found
    const what = glob === undefined ? 'is neither a host nor a group' : 'matches neither a host nor a group'
    throw new YurtSshError('USAGE_LIMIT', `${place}: "${name}" ${what}${didYouMean(name, members.keys())}`)
  })
}

function namesIn(word: string, place: string, groups: Pick<Map<string, unknown>, 'has'>): string[] {
  const [, group = word] = /^([^[]+)\[[-\d:]+\]$/.exec(word) ?? []
  const unlike = word.startsWith('~')
    ? 'is a regular expression to Ansible: write it with * and ?'
    : group !== word && groups.has(group)
      ? `picks hosts of group ${group} by their place to Ansible: name them`
      : undefined
  if (unlike !== undefined) throw new YurtSshError('USAGE_LIMIT', `${place}: "${word}" ${unlike}`)
  try {
    return expandRanges(word)
  } catch (cause) {
    if (!(cause instanceof YurtSshError)) throw cause
    throw new YurtSshError('USAGE_LIMIT', `${place}: ${cause.message}`, { cause })
  }
}

function globExpression(glob: string): RegExp {
  const body = glob
    .replace(/[.\\^$+()|{}[\]]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${body}$`)
}
