import { maskToken } from '../../node/hub.js'

const mask = '********'
const secretName = '[A-Za-z0-9_.-]*(?:passw(?:or)?d|secret|token|credential|api[_-]?key)[A-Za-z0-9_.-]*'
/** What follows a secret's name but is none: a path, a switch, a number, nothing, or what is masked already. */
const harmless = /^(\/.*|true|false|[\d.]+[a-z]*|\**)$/

const rules: readonly [RegExp, (...groups: string[]) => string][] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g, (_, kind) => `(${kind} left out)`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, (_, scheme) => `${scheme}${mask}@`],
  [
    new RegExp(`(${secretName}["']?\\s*[=:]\\s*["']?)([^\\s"',]+)`, 'gi'),
    (whole, name = '', value = '') => (harmless.test(value) ? whole : name + mask),
  ],
  [
    new RegExp(`(name:\\s*["']?${secretName}["']?\\s*\\n\\s*value:\\s*)(.+)`, 'gi'),
    (_, name = '') => name + mask,
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/g, (_, scheme) => `${scheme} ${mask}`],
]

/** Text without what looks like a secret: tokens, passwords, private keys, credentials in URLs. */
export function scrubText(text: string): string {
  return rules.reduce((clean, [pattern, replace]) => clean.replace(pattern, replace), maskToken(text))
}

/** The same for every string in a value; returns how many were changed. The data of Secrets goes whole. */
export function scrub<T>(value: T): { clean: T; replaced: number } {
  let replaced = 0
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') {
      const clean = scrubText(part)
      if (clean !== part) replaced += 1
      return clean
    }
    if (Array.isArray(part)) return part.map(walk)
    if (typeof part !== 'object' || part === null) return part
    const entries = Object.entries(part).map(([key, item]): [string, unknown] => {
      if (!isSecret(part) || !['data', 'stringData'].includes(key)) return [key, walk(item)]
      replaced += 1
      return [key, mask]
    })
    return Object.fromEntries(entries)
  }
  return { clean: walk(value) as T, replaced }
}

const isSecret = (value: object): boolean => 'kind' in value && value.kind === 'Secret'
