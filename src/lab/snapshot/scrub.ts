import { maskToken } from '../../node/hub.js'

const mask = '********'
const secretName = '[A-Za-z0-9_.-]*(?:passw(?:or)?d|secret|token|credential|api[_-]?key)[A-Za-z0-9_.-]*'
/** What follows a secret's name but is none: a path, a switch, a small number or a time, nothing, or what is masked already. */
const harmless =
  /^(\/(etc|var|usr|run|opt|srv|mnt|home|root|tmp|dev)\/.*|true|false|\d{1,3}|(\d+(\.\d+)?(ms|s|m|h))+|\**)$/
const isSecretName = new RegExp(`^${secretName}$`, 'i')
/** In quotes to the closing one, a backslash before it counting; else to a blank, comma or quote. */
const word = `"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|[^\\s"',]+`

function masked(whole: string, name = '', value = ''): string {
  const quote = /^["']/.exec(value)?.[0] ?? ''
  const bare = value.slice(quote.length, quote !== '' && value.endsWith(quote) ? -1 : undefined)
  return harmless.test(bare) ? whole : name + quote + mask + quote
}

/** A key of YAML with the block of lines that is its value. */
function blockOf(key: string): RegExp {
  return new RegExp(
    `(^([ \\t]*)(?:- )?${key}:[ \\t]*)[|>][-+\\d]*[ \\t]*\\n(?:\\2[ \\t]+.*(?:\\n|$))+`,
    'gim',
  )
}

type Rule = readonly [RegExp, (whole: string, ...groups: string[]) => string]

const rules: readonly Rule[] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, (_, kind) => `(${kind} left out)`],
  // a password with @ or / in it; what looks like a port is none
  [
    /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:'"]*:(?!\d{1,5}[/"'\s])[^\s'"]*@/gi,
    (_, scheme = '') => `${scheme}${mask}@`,
  ],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi, (_, scheme = '') => `${scheme}${mask}@`],
  // Environment="A_PASSWORD=two words": the quote began before the name
  [
    new RegExp(`((["'])${secretName}=)((?!\\2)[^\\n]*?)(?=\\2)`, 'gi'),
    (whole, name, _, value) => masked(whole, name, value),
  ],
  [blockOf(secretName), (_, key = '', indent = '') => `${key}|\n${indent}  ${mask}\n`],
  [
    blockOf(`name:[ \\t]*${secretName}\\s*\\n[ \\t]*value`),
    (_, key = '', indent = '') => `${key}|\n${indent}  ${mask}\n`,
  ],
  // a list under the name
  [
    new RegExp(`(^([ \\t]*)(?:- )?${secretName}:[ \\t]*\\n)((?:\\2[ \\t]*- [^\\n]*(?:\\n|$))+)`, 'gim'),
    (_, key = '', indent = '') => `${key}${indent}- ${mask}\n`,
  ],
  // a line of YAML of its own
  [new RegExp(`^(\\s*(?:- )?${secretName}:[ \\t]+)([^\\s"'|>&*].*)$`, 'gim'), masked],
  // no start within a word: long base64 would take quadratic time
  [new RegExp(`(?<![\\w.-])(${secretName}["']?\\s*[=:]\\s*)(${word})`, 'gi'), masked],
  // --token VALUE, on one line or as two entries of a list
  [new RegExp(`(--${secretName}["']?,?(?:[ \\t]+|\\s*\\n[ \\t]*- ))(?!-)(${word})`, 'gi'), masked],
  [
    new RegExp(
      `(name["']?:\\s*["']?${secretName}["']?,?\\s*["']?value["']?:\\s*)([^\\s"'|>].*|${word})`,
      'gi',
    ),
    masked,
  ],
  [new RegExp(`(value["']?:\\s*)(${word})(?=,?\\s*["']?name["']?:\\s*["']?${secretName})`, 'gi'), masked],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi, (_, scheme) => `${scheme} ${mask}`],
]

/** Text without what looks like a secret: tokens, passwords, private keys, credentials in URLs. */
export function scrubText(text: string): string {
  return rules.reduce((clean, [pattern, replace]) => clean.replace(pattern, replace), maskToken(text))
}

/** The same for every string in a value; returns how many were changed. The data of Secrets goes whole. */
export function scrub<T>(value: T): { clean: T; replaced: number } {
  let replaced = 0
  const hidden = (part: unknown): unknown => {
    if (typeof part !== 'string' || harmless.test(part)) return walk(part)
    replaced += 1
    return mask
  }
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') {
      const clean = scrubText(part)
      if (clean !== part) replaced += 1
      return clean
    }
    if (Array.isArray(part))
      return part.map((item, at) => (followsSecret(part, at) ? hidden(item) : walk(item)))
    if (typeof part !== 'object' || part === null) return part
    const entries = Object.entries(part).map(([key, item]): [string, unknown] => {
      if (isSecret(part) && ['data', 'stringData'].includes(key)) {
        replaced += 1
        return [key, mask]
      }
      return [key, namesSecret(part, key) ? hidden(item) : walk(item)]
    })
    return Object.fromEntries(entries)
  }
  return { clean: walk(value) as T, replaced }
}

const isSecret = (value: object): boolean => 'kind' in value && value.kind === 'Secret'

/** Keys whose values only name something, ours and those of Kubernetes. */
const namesOnly = new Set(['secretName', 'hubTokenId'])

/** Whether a value is a secret by its key, or by the name beside it, as in the environment of a container. */
function namesSecret(owner: object, key: string): boolean {
  if (key === 'value')
    return 'name' in owner && typeof owner.name === 'string' && isSecretName.test(owner.name)
  return !namesOnly.has(key) && isSecretName.test(key.slice(key.lastIndexOf('/') + 1))
}

/** Whether an argument is the value of the flag before it. */
function followsSecret(words: readonly unknown[], at: number): boolean {
  const [before, own] = [words[at - 1], words[at]]
  return (
    typeof before === 'string' &&
    /^--[^=]+$/.test(before) &&
    isSecretName.test(before) &&
    typeof own === 'string' &&
    !own.startsWith('-')
  )
}
