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
  type YAMLMap,
} from 'yaml'
import { aliasProblems, isOctal, parserProblems, type Report } from '../document-checks.js'
import type { Problem } from '../problems.js'
import type { Position } from '../types.js'
import type { Variable } from './statements.js'

export interface Entry {
  key: string
  value: Node | null
  position: Position
}

/** A YAML file as Ansible reads it (YAML 1.1, merge keys, of keys that stand twice the last), down to its entries. */
export interface YamlFile {
  top: Node | null
  problems: Problem[]
  place(node: Node | null): Position
  /** The entries of a map; undefined of anything else, none of an empty value. */
  entries(node: Node | null): Entry[] | undefined
  variable(entry: Entry): Variable
}

export function openYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.1',
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  })
  const placeAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const place = (node: Node | null) => placeAt(node?.range?.[0] ?? 0)
  const resolved = (node: Node | null) => resolveAlias(document, node)
  const known = new Map<YAMLMap, Found[]>()
  const report: Report = (at, message) => ({
    position: typeof at === 'number' ? placeAt(at) : place(at),
    message,
  })
  return {
    top: document.contents,
    // Warnings are of tags such as !vault, which Ansible knows.
    problems: [...parserProblems(document, report, { warnings: false }), ...aliasProblems(document, report)],
    place,
    entries(node) {
      const map = resolved(node)
      if (map === null || (isScalar(map) && map.value === null)) return []
      return isMap(map)
        ? entriesOf(map, document, known).map((entry) => ({ ...entry, position: place(entry.node) }))
        : undefined
    },
    variable({ key, value, position }) {
      const node = resolved(value)
      return { key, value: plainValue(node), vaulted: isVaulted(node), position }
    },
  }
}

type Found = { key: string; value: Node | null; node: Node }

/** Merged entries first: what stands in the map itself counts. Each map is looked at once: it may be merged a million times. */
function entriesOf(map: YAMLMap, document: Document, known: Map<YAMLMap, Found[]>): Found[] {
  const before = known.get(map)
  if (before !== undefined) return before
  const found = new Map<string, Found>()
  const merged = map.items
    .filter(({ key }) => isMergeKey(key))
    .flatMap(({ value }) => mergedMaps(value, document))
  const own = map.items.flatMap(({ key, value }): Found[] =>
    isMergeKey(key) || !isNode(key)
      ? []
      : [{ key: keyText(key), value: isNode(value) ? value : null, node: key }],
  )
  const inner = merged.flatMap((other) => entriesOf(other, document, known))
  for (const entry of [...inner, ...own]) found.set(entry.key, entry)
  const entries = [...found.values()]
  known.set(map, entries)
  return entries
}

/** Earlier maps of a list come later here: they count before the others. */
function mergedMaps(value: unknown, document: Document): YAMLMap[] {
  const node = resolveAlias(document, isNode(value) ? value : null)
  const nodes = isSeq(node) ? node.items.toReversed() : [node]
  return nodes.map((item) => resolveAlias(document, isNode(item) ? item : null)).filter((item) => isMap(item))
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN'
}

function keyText(key: Node): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key)
}

function resolveAlias(document: Document, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node
}

function plainValue(node: Node | null): unknown {
  if (node === null) return null
  if (!isScalar(node)) return []
  return isOctal(node.value, node.source) ? Number.NaN : node.value
}

function isVaulted(node: Node | null): boolean {
  if (!isScalar(node)) return false
  return node.tag === '!vault' || node.tag === '!vault-encrypted' || isVaultText(String(node.value))
}

/** Ansible opens a vault by itself; what it prints has the secrets in clear, and in no file. */
export const vaultHint =
  'let Ansible open it: ansible-inventory -i INVENTORY --list -y --ask-vault-pass | yurt-ssh … -i -'

/** Whether a text is what ansible-vault writes. */
export function isVaultText(text: string): boolean {
  return text.trimStart().startsWith('$ANSIBLE_VAULT;')
}
