import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { defaultsFile, type FileDefaults, type Given, noDefaults, problem } from './defaults-file.js'

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
  const result = noDefaults()
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
