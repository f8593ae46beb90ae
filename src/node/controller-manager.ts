import { isDeepStrictEqual } from 'node:util'
import {
  type CommandItem,
  insertAfter,
  insertBefore,
  readCommand,
  removeItem,
  splice,
  unreadable,
} from './command-list.js'
import { type FlagUse, flagUses } from './flags.js'

const container = 'kube-controller-manager'
// The second is its name since Kubernetes 1.28, which keeps the first as an alias (cmd/kube-controller-manager/names).
const names = ['nodelifecycle', 'node-lifecycle-controller']
const offEntry = '-nodelifecycle'
const offItem = `--controllers=${offEntry}`

interface Manifest {
  items: CommandItem[]
  uses: FlagUse[]
  /** All entries of all --controllers, in order; without the flag its default. */
  entries: string[]
  rest: unknown
}

/**
 * Whether kube-controller-manager runs its node lifecycle controller: the first entry that names it decides, `*`
 * only if none does; repeated flags append to each other, the first one replaces the default `*`
 * (IsControllerEnabled in controller-manager/app/helper.go; pflag, StringSlice).
 * Throws NODE_KCM_MANIFEST when the manifest cannot be read.
 */
export function lifecycleOwner(text: string): 'on' | 'off' {
  return ownerOf(read(text))
}

/**
 * The manifest with the controller off; the same text when it is off already. `-nodelifecycle` comes first of
 * all entries, in front of the first flag's value. Where it cannot stand there (`*` alone, which would look as
 * if we had added the whole flag; an unquoted word in a flow list, where a comma ends it) it is a flag of its
 * own in front. No flag: one with the default behind.
 */
export function disableNodeLifecycle(text: string): string {
  const manifest = read(text)
  if (ownerOf(manifest) === 'off') return text
  return checked({ on: text, off: switchOff(text, manifest) }).off
}

/**
 * The manifest without the change that disableNodeLifecycle makes, whatever else has changed since; the same
 * text when that change is not there. An owner's own `-nodelifecycle` behind other entries stays.
 */
export function enableNodeLifecycle(text: string): string {
  return checked({ on: switchOn(text, read(text)), off: text }).on
}

/**
 * What the process's command line ends with, whatever starts it: the container's words behind the program's name, or
 * behind the last one that holds a variable. They name `--controllers`, or are none.
 */
export function lastWords(text: string): string[] {
  const words = read(text).items.map(({ value }) => value)
  const program = words.findIndex((word) => /(^|\/)(kube-)?controller-manager$/.test(word))
  const variable = words.findLastIndex((word) => word.includes('$('))
  const last = words.slice(Math.max(program, variable) + 1)
  return flagUses(last, 'controllers').length > 0 ? last : []
}

function switchOff(text: string, { items, uses }: Manifest): string {
  const [first] = uses
  const last = items.at(-1)
  if (!last) throw unreadable('has no command', text)
  if (!first) return insertAfter(text, last, `${offItem},*`)
  const start = joinAt(text, items, first)
  if (start !== undefined) return splice(text, start, start, `${offEntry},`)
  return insertBefore(text, at(items, first.index), offItem)
}

function switchOn(text: string, { items, uses }: Manifest): string {
  const [first] = uses
  if (!first) return text
  const alone = uses.length === 1
  if (first.value === (alone ? `${offEntry},*` : offEntry)) return removeUse(text, first)
  const item = at(items, first.index + first.words - 1)
  const start = text.indexOf(`${offEntry},`, item.from)
  return first.value?.startsWith(`${offEntry},`) && start >= 0
    ? splice(text, start, start + offEntry.length + 1)
    : text
}

/** Where an entry can be put in front of a flag's value; undefined where it cannot. */
function joinAt(text: string, items: CommandItem[], { index, words, value }: FlagUse): number | undefined {
  const item = at(items, index + words - 1)
  const flag = words === 1 ? '--controllers=' : ''
  const start = item.style === 'quoted' ? item.from + 1 : item.from
  const plainInFlow = item.style === 'plain' && item.list.flow
  if (value === '' || value === '*' || plainInFlow || item.style === 'other') return undefined
  return text.startsWith(flag, start) ? start + flag.length : undefined
}

function removeUse(text: string, { index, words }: FlagUse): string {
  if (words === 2) return removeUse(removeItem(text, index + 1, container), { index, words: 1, value: '' })
  return removeItem(text, index, container)
}

function read(text: string): Manifest {
  const { items, rest } = readCommand(text, container)
  const hidden = items.find(({ value }) => /\s--\w|^\$\(|^--controllers=.*\$\(/.test(value))
  if (hidden) throw unreadable('takes flags from a shell or a variable', text, hidden.from)
  const uses = flagUses(
    items.map(({ value }) => value),
    'controllers',
  )
  const bare = uses.find(({ value }) => value === undefined)
  if (bare) throw unreadable('has a --controllers without a value', text, items[bare.index]?.from)
  const entries = uses
    .flatMap(({ value }) => (value ? value.split(',') : []))
    .map((entry) => entry.replace(/^"(.*)"$/, '$1'))
  return { items, uses, rest, entries: uses.length === 0 ? ['*'] : entries }
}

function ownerOf({ entries }: Manifest): 'on' | 'off' {
  const first = entries.find((entry) => names.includes(entry.replace(/^-/, '')))
  if (first === undefined) return entries.includes('*') ? 'on' : 'off'
  return first.startsWith('-') ? 'off' : 'on'
}

/** Both texts, once they are known to differ in the one entry and in nothing else that a parser sees. */
function checked(texts: { on: string; off: string }): { on: string; off: string } {
  if (texts.on === texts.off) return texts
  const [on, off] = [read(texts.on), read(texts.off)]
  const expected = { words: otherWords(on), rest: on.rest, entries: [offEntry, ...on.entries] }
  const found = { words: otherWords(off), rest: off.rest, entries: off.entries }
  if (isDeepStrictEqual(found, expected)) return texts
  throw unreadable('is written in a way that cannot be edited safely', texts.on, on.items[0]?.from)
}

function otherWords({ items, uses }: Manifest): string[] {
  const own = new Set(uses.flatMap(({ index, words }) => (words === 2 ? [index, index + 1] : [index])))
  return items.filter((_, index) => !own.has(index)).map(({ value }) => value)
}

function at(items: CommandItem[], index: number): CommandItem {
  const item = items[index]
  if (!item) throw new RangeError(`no item ${index}`)
  return item
}
