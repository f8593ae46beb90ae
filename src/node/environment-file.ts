import { isBlank } from './words.js'

/** A character of a value, and the range of the file it was read from: two characters for an escape. */
interface ValueChar {
  char: string
  from: number
  to: number
}

/** One `KEY=value` of an EnvironmentFile=, with offsets into the file. */
export interface Assignment {
  key: string
  /** Where the key starts, and where the line break that ends the value stands (or the end of the file). */
  from: number
  to: number
  chars: ValueChar[]
  /** Where to put a value that is empty: after its first opening quote, else after leading blanks. */
  inside: number
}

export interface EnvironmentFile {
  assignments: Assignment[]
  /** Offset of a backslash that ends a comment line: systemd before 254 takes the next line for comment too. */
  ambiguousAt: number | undefined
}

type Value = Pick<Assignment, 'chars' | 'inside' | 'to'>

/**
 * Reads a file as systemd reads EnvironmentFile= (src/basic/env-file.c, parse_env_file_internal): `#` and `;`
 * start a comment only where a key may start; an unquoted value runs to the end of the line, blanks and quotes
 * inside it are ordinary characters and trailing blanks go; a backslash at the end of a line continues it;
 * quotes may span lines.
 */
export function parseEnvironmentFile(text: string): EnvironmentFile {
  const assignments: Assignment[] = []
  let ambiguousAt: number | undefined
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    if (isBlank(char)) at++
    else if (char === '#' || char === ';') {
      at = find(text, /[\r\n]/g, at)
      if (/\\$/.test(text.slice(0, at))) ambiguousAt ??= at - 1
    } else {
      const end = find(text, /[=\r\n]/g, at + 1)
      const value = text[end] === '=' ? readValue(text, end + 1) : undefined
      if (value) assignments.push({ key: text.slice(at, end).replace(/[ \t]+$/, ''), from: at, ...value })
      at = value?.to ?? end
    }
  }
  return { assignments, ambiguousAt }
}

/** The variables of a file; of several assignments the last wins. */
export function environmentOf(text: string): Map<string, string> {
  return new Map(parseEnvironmentFile(text).assignments.map((found) => [found.key, valueText(found)]))
}

/** An assignment's value as the process will see it. */
export function valueText(assignment: Assignment): string {
  return assignment.chars.map(({ char }) => char).join('')
}

function readValue(text: string, start: number): Value {
  const chars: ValueChar[] = []
  let inside: number | undefined
  let at = start
  while (at < text.length && !isNewline(text.charAt(at))) {
    const char = text.charAt(at)
    if (char === '"' || char === "'") {
      inside ??= at + 1
      at = (char === '"' ? readDoubleQuoted : readSingleQuoted)(text, at + 1, chars)
    } else if (isBlank(char)) at++
    else {
      inside ??= at
      at = readUnquoted(text, at, chars)
    }
  }
  return { chars, inside: inside ?? at, to: at }
}

function readSingleQuoted(text: string, start: number, chars: ValueChar[]): number {
  const end = find(text, /'/g, start)
  for (let at = start; at < end; at++) chars.push({ char: text.charAt(at), from: at, to: at + 1 })
  return end + 1
}

function readDoubleQuoted(text: string, start: number, chars: ValueChar[]): number {
  let at = start
  while (at < text.length && text[at] !== '"') {
    const next = text.charAt(at + 1)
    const escaped = text[at] === '\\'
    const from = at
    at += escaped ? 2 : 1
    if (escaped && (next === '\n' || next === '')) continue
    if (escaped && '"\\`$'.includes(next)) chars.push({ char: next, from, to: at })
    else for (let own = from; own < at; own++) chars.push({ char: text.charAt(own), from: own, to: own + 1 })
  }
  return at + 1
}

function readUnquoted(text: string, start: number, chars: ValueChar[]): number {
  let kept = chars.length
  let at = start
  while (at < text.length && !isNewline(text.charAt(at))) {
    const from = at
    const escaped = text[at] === '\\'
    const char = text.charAt(escaped ? at + 1 : at)
    at += escaped ? 2 : 1
    if (char !== '' && !isNewline(char)) chars.push({ char, from, to: at })
    if (escaped || !isBlank(char)) kept = chars.length
  }
  chars.length = kept
  return Math.min(at, text.length)
}

function find(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}

function isNewline(char: string): boolean {
  return char === '\n' || char === '\r'
}
