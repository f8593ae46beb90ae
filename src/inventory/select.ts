import { YurtSshError } from '../errors.js'
import { didYouMean } from './nearest.js'
import { expandRanges } from './ranges.js'
import type { Host } from './types.js'

/**
 * The hosts that `--limit` names, in the order of the inventory; all of them without a pattern. A pattern is a comma
 * separated list of host names, group names, ranges (`edge-[01:20]`) and globs (`*`, `?`) over both; `!` before a word
 * takes out, wherever it stands, and a list of nothing but those starts from all hosts.
 * @throws YurtSshError USAGE_LIMIT: a word that names nothing, or no host left
 */
export function selectHosts(hosts: readonly Host[], patterns: readonly string[]): Host[] {
  if (patterns.length === 0) return [...hosts]
  const words = patterns.flatMap((pattern) => pattern.split(',')).map((word) => word.trim())
  if (words.includes('')) throw new YurtSshError('USAGE_LIMIT', '--limit has an empty name')

  const members = membersByName(hosts)
  const excluding = words.filter((word) => word.startsWith('!'))
  const including = words.filter((word) => !word.startsWith('!'))
  const excluded = new Set(excluding.flatMap((word) => hostsNamed(word.slice(1).trim(), members)))
  const included = new Set(including.flatMap((word) => hostsNamed(word, members)))
  const selected = hosts.filter(
    (host) => (including.length === 0 || included.has(host)) && !excluded.has(host),
  )
  if (selected.length === 0)
    throw new YurtSshError('USAGE_LIMIT', `--limit ${words.join(',')} leaves no host`)
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
  return members
}

function hostsNamed(word: string, members: Map<string, Host[]>): Host[] {
  return namesIn(word).flatMap((name) => {
    const glob = /[*?]/.test(name) ? globExpression(name) : undefined
    const found =
      glob === undefined
        ? members.get(name)
        : [...members].flatMap(([known, hosts]) => (glob.test(known) ? hosts : []))
    if (found !== undefined && found.length > 0) return found
    const what = glob === undefined ? 'is neither a host nor a group' : 'matches neither a host nor a group'
    throw new YurtSshError('USAGE_LIMIT', `--limit: "${name}" ${what}${didYouMean(name, members.keys())}`)
  })
}

function namesIn(word: string): string[] {
  try {
    return expandRanges(word)
  } catch (cause) {
    if (!(cause instanceof YurtSshError)) throw cause
    throw new YurtSshError('USAGE_LIMIT', `--limit: ${cause.message}`, { cause })
  }
}

function globExpression(glob: string): RegExp {
  const body = glob
    .replace(/[.\\^$+()|{}[\]]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${body}$`)
}
