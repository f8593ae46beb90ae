import { YurtSshError } from '../errors.js'

/** The most hosts that an inventory, or one range, may hold. */
export const maxHosts = 100_000

interface Range {
  count: number
  at(index: number): string
}

/**
 * The names that a pattern such as `edge-[001:250]` stands for, the last range turning fastest. `[1:9:2]` steps, leading
 * zeros are kept (`[08:10]` is 08, 09, 10), `[a:f]` counts letters; without a range the pattern itself comes back.
 * @throws YurtSshError INVENTORY_RANGE: not a range, or more than `limit` names
 */
export function expandRanges(pattern: string, limit = maxHosts): string[] {
  const parts = pattern
    .split(/\[([^[\]]*)\]/)
    .map((text, index) => (index % 2 === 1 ? parseRange(text) : literal(text)))
  const count = parts.reduce((product, part) => product * part.count, 1)
  if (count > limit) throw problem(`"${pattern}" stands for ${count} names, more than ${limit}`)
  return Array.from({ length: count }, (_, index) => nameAt(parts, index))
}

/** Reads `index` as a number whose digits are the ranges, the last range being the lowest digit. */
function nameAt(parts: readonly Range[], index: number): string {
  let rest = index
  return parts.reduceRight((name, part) => {
    const digit = rest % part.count
    rest = Math.floor(rest / part.count)
    return part.at(digit) + name
  }, '')
}

function literal(text: string): Range {
  if (/[[\]]/.test(text)) throw problem(`"${text}" has a bracket without its partner`)
  return { count: 1, at: () => text }
}

function parseRange(text: string): Range {
  const match = /^(?:(\d{1,15}):(\d{1,15})|([a-z]):([a-z])|([A-Z]):([A-Z]))(?::(\d{1,15}))?$/.exec(text)
  if (match === null) {
    throw problem(`"[${text}]" is not a range: write [1:9], [01:99], [1:9:2] or [a:f]`)
  }
  const [, firstNumber, lastNumber, ...letters] = match
  const step = Number(match[7] ?? 1)
  if (firstNumber !== undefined && lastNumber !== undefined) {
    const width = paddedWidth(firstNumber, lastNumber, text)
    return series(Number(firstNumber), Number(lastNumber), step, text, (value) =>
      String(value).padStart(width, '0'),
    )
  }
  const [first = '', last = ''] = letters.filter((letter) => letter !== undefined)
  return series(first.charCodeAt(0), last.charCodeAt(0), step, text, (value) => String.fromCharCode(value))
}

function paddedWidth(first: string, last: string, text: string): number {
  const padded = [first, last].some((bound) => bound.length > 1 && bound.startsWith('0'))
  if (padded && first.length !== last.length) {
    throw problem(`"[${text}]" has leading zeros: write both ends with the same number of digits`)
  }
  return padded ? first.length : 0
}

function series(
  first: number,
  last: number,
  step: number,
  text: string,
  format: (value: number) => string,
): Range {
  if (step === 0) throw problem(`"[${text}]" has step 0`)
  if (last < first) throw problem(`"[${text}]" ends before it starts`)
  return { count: Math.floor((last - first) / step) + 1, at: (index) => format(first + index * step) }
}

function problem(message: string): YurtSshError {
  return new YurtSshError('INVENTORY_RANGE', message)
}
