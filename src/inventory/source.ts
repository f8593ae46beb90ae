import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import { aliasProblems, octalProblems, parserProblems, type Report } from './document-checks.js'
import { substitute } from './environment.js'
import { formatPosition, inventoryError, type Problem, refuse } from './problems.js'
import type { Position } from './types.js'

/** Keys and list indexes from the top of a document down. */
export type Path = readonly PropertyKey[]

/** A YAML document as plain data that still knows where each of its values stands. */
export interface Source {
  /** Names of the files it was read from, in order. */
  files: string[]
  value: unknown
  /** Where a value stands; of one that is missing, the nearest thing around it that exists. */
  valueAt(path: Path): Position
  /** Where a map's key stands. */
  keyAt(path: Path): Position
  /** Keys that stand twice or are no text, numbers that YAML versions read differently. */
  problems: Problem[]
  /** A message without what came from the environment. */
  mask(message: string): string
}

interface Entry {
  key: Node
  value: Node
}
type Index = Map<unknown, Map<PropertyKey, Entry>>

/** High enough for a fleet whose hosts share their settings, low enough that aliases of aliases cannot fill the memory. */
const maxAliasCount = 100_000

/**
 * Reads one document of YAML 1.2, anchors and aliases included, with the values of `env` in place of `${NAME}`.
 * @throws YurtSshError INVENTORY_INVALID: not YAML, empty, or with a variable that is not set
 */
export function readSource(text: string, file: string, env: NodeJS.ProcessEnv): Source {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  })
  const place = (at: Node | number): Position => {
    const { line, col } = lines.linePos(typeof at === 'number' ? at : (at.range?.[0] ?? 0))
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const report: Report = (at, message) => ({ position: place(at), message })

  refuse(parserProblems(document, report))
  const { contents } = document
  if (contents === null) throw inventoryError([report(0, 'the inventory is empty')])
  refuse(aliasProblems(document, report))
  const octals = octalProblems(document, report)
  const { problems: unset, mask } = substitute(document, env, report)
  refuse(unset)
  const { index, problems } = indexMaps(document, report, place)
  return {
    files: [file],
    value: plainData(document, report),
    valueAt: (path) => place(follow(document, contents, index, path).value),
    keyAt: (path) => place(follow(document, contents, index, path).key),
    problems: [...problems, ...octals],
    mask,
  }
}

function indexMaps(document: Document, report: Report, place: (node: Node) => Position) {
  const index: Index = new Map()
  const problems: Problem[] = []
  visit(document, {
    Map(_, map) {
      const entries = new Map<PropertyKey, Entry>()
      for (const { key, value } of map.items) {
        if (!isNode(key)) continue
        const name = isScalar(key) ? String(key.value) : String(key)
        // Unquoted, 007 would become the number 7; a key __proto__ is dropped by whoever copies the object.
        if (!isScalar(key) || typeof key.value !== 'string' || name === '__proto__') {
          const written = isScalar(key) ? (key.source ?? name) : name
          problems.push(report(key, `${written} is no usable name: if you mean text, put it in quotes`))
        }
        const earlier = entries.get(name)
        if (earlier !== undefined) {
          problems.push(report(key, `"${name}" is already set at ${formatPosition(place(earlier.key))}`))
        }
        // An omitted value (`cp-1:`) has no text of its own to point at.
        const hasText = isNode(value) && value.range?.[0] !== value.range?.[1]
        entries.set(name, { key, value: hasText ? value : key })
      }
      index.set(map, entries)
    },
  })
  return { index, problems }
}

function plainData(document: Document, report: Report): unknown {
  try {
    return document.toJS({ maxAliasCount })
  } catch (cause) {
    if (cause instanceof ReferenceError) refuse([report(0, 'the inventory has too many aliases')])
    throw cause
  }
}

function follow(document: Document, top: Node, index: Index, path: Path): Entry {
  let entry: Entry = { key: top, value: top }
  for (const step of path) {
    const node = isAlias(entry.value) ? entry.value.resolve(document) : entry.value
    const next = isMap(node)
      ? index.get(node)?.get(step)
      : isSeq(node)
        ? itemOf(node.items[Number(step)])
        : undefined
    if (next === undefined) return entry
    entry = next
  }
  return entry
}

function itemOf(item: unknown): Entry | undefined {
  return isNode(item) ? { key: item, value: item } : undefined
}
