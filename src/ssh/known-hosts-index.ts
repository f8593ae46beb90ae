import { isHashOf, type KnownKey, knownName } from './known-hosts.js'

/** The lines of a known_hosts file that may speak of a host, in the order of the file. */
export type KnownHostsIndex = (address: string, port: number) => KnownKey[]

/**
 * Plain names are found at once; lines with patterns are few and always returned. A hashed name has to be compared with
 * every hashed line (7 µs each), so what was found is kept.
 */
export function indexKnownHosts(keys: readonly KnownKey[]): KnownHostsIndex {
  const plain = new Map<string, KnownKey[]>()
  const patterns: KnownKey[] = []
  const hashed = keys.filter(isHashed)
  const found = new Map<string, KnownKey[]>()

  for (const key of keys) {
    if (isHashed(key)) continue
    if (/[*?!]/.test(key.names)) patterns.push(key)
    else
      for (const name of new Set(key.names.toLowerCase().split(',')))
        plain.set(name, [...(plain.get(name) ?? []), key])
  }

  function named(name: string): KnownKey[] {
    const known = found.get(name) ?? [
      ...(plain.get(name) ?? []),
      ...hashed.filter(({ names }) => isHashOf(names, name)),
    ]
    found.set(name, known)
    return known
  }

  return (address, port) => {
    const names = [knownName(address, port), knownName(address, 22)]
    const lines = new Set([...patterns, ...names.flatMap(named)])
    return [...lines].sort((a, b) => a.line - b.line)
  }
}

/** Whether a line holds a hashed name (HashKnownHosts). */
export function isHashed({ names }: KnownKey): boolean {
  return names.startsWith('|')
}
