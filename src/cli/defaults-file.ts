import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { YurtSshError } from '../errors.js'

/** The file of defaults, looked for in the current directory. */
export const defaultsFile = 'yurt-ssh.yaml'

/** A default as it was written: what it says, and where for an error. */
export interface Given {
  value: string | boolean
  /** `yurt-ssh.yaml:2:8`, or the name of a variable. */
  where: string
}

/** Defaults by flag; those under a command's name count for it alone. */
export interface FileDefaults {
  all: Map<string, Given>
  byCommand: Map<string, Map<string, Given>>
}

/**
 * Reads `yurt-ssh.yaml`: long names of flags without their dashes, each with a word, a number, true, false or a list.
 * @throws YurtSshError USAGE_DEFAULTS with file:line:column
 */
export function parseDefaults(text: string, commands: readonly string[]): FileDefaults {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${defaultsFile}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
  const placeOf = (node: unknown): string => place((node as Node | null)?.range?.[0] ?? 0)
  const [error] = document.errors
  if (error !== undefined) throw problem(`${place(error.pos[0])}: ${error.message}`)
  const result: FileDefaults = { all: new Map(), byCommand: new Map() }
  if (document.contents === null) return result
  if (!isMap(document.contents)) throw problem(`${place(0)}: it must be a map of flags`)
  for (const { key, value } of document.contents.items) {
    const name = String(isScalar(key) ? key.value : key)
    if (isMap(value) && commands.includes(name)) {
      const own = new Map<string, Given>()
      for (const item of value.items) own.set(String(item.key), givenOf(item.value, placeOf(item.key)))
      result.byCommand.set(name, own)
    } else result.all.set(name, givenOf(value, placeOf(key)))
  }
  return result
}

function givenOf(node: unknown, where: string): Given {
  const plain = isScalar(node) ? node.value : isSeq(node) ? node.items.map((item) => scalar(item)) : undefined
  if (typeof plain === 'boolean' || typeof plain === 'string') return { value: plain, where }
  if (typeof plain === 'number') return { value: String(plain), where }
  if (Array.isArray(plain) && plain.every((item) => item !== undefined))
    return { value: plain.join(','), where }
  throw problem(`${where}: must be text, a number, true, false, or a list`)
}

function scalar(node: unknown): string | undefined {
  return isScalar(node) && node.value !== null ? String(node.value) : undefined
}

export function problem(message: string): YurtSshError {
  return new YurtSshError('USAGE_DEFAULTS', message, { hint: 'docs/reference.md lists what can be set' })
}
