import { readFile } from 'node:fs/promises'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'

/** One word of `--limit`: a name, or the names of an `@` file. */
export interface Word {
  /** What becomes of the hosts it names: added, the only ones to keep, or removed. */
  sign: '' | '&' | '!'
  names: Name[]
}

/** A name, range or glob. */
export interface Name {
  text: string
  /** Where it stands, for messages: `--limit`, or file and line. */
  place: string
}

/**
 * The words of patterns, `@` files read.
 * @throws YurtSshError USAGE_LIMIT: an empty word, or a file without words
 */
export function limitWords(patterns: readonly string[], files: ReadonlyMap<string, string>): Word[] {
  return patterns.flatMap(splitPattern).map((written) => {
    const [, sign = '', text = ''] = /^([!&]?)\s*(.*)$/.exec(written.trim()) ?? []
    if (text === '') throw new YurtSshError('USAGE_LIMIT', '--limit has an empty name')
    const names = text.startsWith('@') ? namesOfFile(text.slice(1), files) : [{ text, place: '--limit' }]
    return { sign: sign === '!' || sign === '&' ? sign : '', names }
  })
}

/** Reads the `@` files that patterns name. */
export async function readLimitFiles(patterns: readonly string[]): Promise<Map<string, string>> {
  const paths = patterns
    .flatMap(splitPattern)
    .flatMap((text) => /^[!&]?\s*@(.+)$/.exec(text.trim())?.[1] ?? [])
  return new Map(await Promise.all(paths.map(async (path) => [path, await readText(path)] as const)))
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw fileError('USAGE_LIMIT', `--limit: ${path}`, 'read', cause)
  }
}

/** At commas and colons, but not at those of a range. */
function splitPattern(pattern: string): string[] {
  return pattern.split(/[,:](?![^[\]]*\])/)
}

/** One name, range or glob a line, `#` begins a comment. */
function namesOfFile(path: string, files: ReadonlyMap<string, string>): Name[] {
  const names = (files.get(path) ?? '').split('\n').flatMap((line, index) => {
    const text = line.replace(/#.*/, '').trim()
    return text === '' ? [] : [{ text, place: `${path}:${index + 1}` }]
  })
  if (names.length === 0) throw new YurtSshError('USAGE_LIMIT', `--limit: ${path} names no host`)
  return names
}
