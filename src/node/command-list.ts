import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { YurtSshError } from '../errors.js'

/** One word of a container's command or args, and the range of the manifest that it was written in. */
export interface CommandItem {
  value: string
  from: number
  to: number
  style: 'plain' | 'quoted' | 'other'
  list: YAMLSeq
  index: number
}

export interface Command {
  items: CommandItem[]
  /** The whole manifest as plain data, the container's command and args left out. */
  rest: unknown
}

/**
 * Reads `command` and `args` of the one container of that name in a static pod's manifest, as one list.
 * Throws NODE_KCM_MANIFEST when it is not a manifest that can be edited.
 */
export function readCommand(text: string, container: string): Command {
  const doc = parseDocument(text, { keepSourceTokens: true })
  const error = doc.errors[0]
  if (error)
    throw unreadable(
      `is not one YAML document: ${error.code.toLowerCase().replaceAll('_', ' ')}`,
      text,
      error.pos[0],
    )
  const containers = isMap(doc.contents) ? doc.getIn(['spec', 'containers']) : undefined
  const all = isSeq(containers) ? containers.items : []
  const found = all.filter((item): item is YAMLMap => isMap(item) && item.get('name') === container)
  const [only] = found
  if (!only || found.length > 1)
    throw unreadable(
      `has ${only ? 'more than one' : 'no'} container ${container}`,
      text,
      found[1]?.range?.[0],
    )
  const items = ['command', 'args'].flatMap((key) => itemsOf(text, doc, only, key))
  return { items, rest: withoutCommand(doc, all.indexOf(only)) }
}

/** The manifest with one more word before an item. */
export function insertBefore(text: string, item: CommandItem, word: string): string {
  if (item.list.flow) return splice(text, item.from, item.from, `"${word}", `)
  const at = dashOf(item)
  return splice(text, at, at, `- ${word}${eolOf(text)}${indentAt(text, at)}`)
}

/** The manifest with one more word after the last item of a list. */
export function insertAfter(text: string, item: CommandItem, word: string): string {
  if (item.list.flow) return splice(text, item.to, item.to, `, "${word}"`)
  const line = `${indentAt(text, dashOf(item))}- ${word}`
  const at = lineEnd(text, item.to)
  return text[at - 1] === '\n'
    ? splice(text, at, at, line + eolOf(text))
    : splice(text, at, at, eolOf(text) + line)
}

/** The manifest without an item: its whole line in a block list, up to its neighbour in a flow list. */
export function removeItem(text: string, index: number, container: string): string {
  const { items } = readCommand(text, container)
  const item = items[index]
  if (!item) return text
  if (item.list.flow) {
    const neighbour = (index: number) =>
      items.find((other) => other.list === item.list && other.index === index)
    const next = neighbour(item.index + 1)
    return next
      ? splice(text, item.from, next.from)
      : splice(text, neighbour(item.index - 1)?.to ?? item.from, item.to)
  }
  const from = text.lastIndexOf('\n', dashOf(item)) + 1
  const to = lineEnd(text, item.to)
  return text[to - 1] === '\n' ? splice(text, from, to) : text.slice(0, from).replace(/\r?\n$/, '')
}

/** Why a manifest cannot be read or edited, with the line of `offset` in `text`. */
export function unreadable(what: string, text = '', offset?: number): YurtSshError {
  const line = offset === undefined ? '' : ` line ${text.slice(0, offset).split('\n').length}`
  return new YurtSshError('NODE_KCM_MANIFEST', `kube-controller-manager.yaml${line} ${what}`, {
    hint: 'yurt-ssh edits the static pod manifest that kubeadm writes: look at --controllers in the file by hand',
  })
}

export function splice(text: string, from: number, to: number, added = ''): string {
  return text.slice(0, from) + added + text.slice(to)
}

function itemsOf(text: string, doc: Document.Parsed, container: YAMLMap, key: string): CommandItem[] {
  const list = container.get(key, true)
  if (list === undefined || (isScalar(list) && list.value === null)) return []
  if (!isSeq(list)) throw unreadable(`has a ${key} that is not a list`, text)
  return list.items.map((node, index) => {
    if (!isScalar(node) && !isAlias(node))
      throw unreadable(`has a ${key} that is not a list of words`, text, list.range?.[0])
    const [from, to] = node.range ?? [0, 0]
    return { value: String(node.toJS(doc)), from, to, style: styleOf(node), list, index }
  })
}

function styleOf(node: Scalar | Alias): CommandItem['style'] {
  if (isAlias(node)) return 'other'
  if (node.type === 'PLAIN') return 'plain'
  return node.type?.startsWith('QUOTE') ? 'quoted' : 'other'
}

function withoutCommand(doc: Document.Parsed, index: number): unknown {
  const copy = doc.clone()
  for (const key of ['command', 'args']) copy.deleteIn(['spec', 'containers', index, key])
  return copy.toJS()
}

/** Offset of the `-` of an item in a block list. */
function dashOf({ list, index }: CommandItem): number {
  const token = list.srcToken
  const starts =
    token?.type === 'block-seq'
      ? token.items.map(({ start }) => start.find(({ type }) => type === 'seq-item-ind'))
      : []
  const offset = starts.filter((start) => start !== undefined)[index]?.offset
  if (offset === undefined) throw unreadable('has a list whose items cannot be found')
  return offset
}

function indentAt(text: string, offset: number): string {
  return ' '.repeat(offset - text.lastIndexOf('\n', offset - 1) - 1)
}

/** Offset after the line break of the line in which something ends; a block scalar's end is one already. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset
  const at = text.indexOf('\n', offset)
  return at === -1 ? text.length : at + 1
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
