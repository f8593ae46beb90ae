import { isDeepStrictEqual } from 'node:util'
import { YurtSshError } from '../errors.js'
import { type Assignment, parseEnvironmentFile, valueText } from './environment-file.js'
import { flagUses } from './flags.js'
import { isBlank, splitWords, type Word } from './words.js'

/** The kubeconfig that sends the kubelet to the hub on its own host. */
export const OUR_KUBECONFIG = '/var/lib/openyurt/kubelet.conf'

/** The variable that kubeadm writes to /var/lib/kubelet/kubeadm-flags.env. */
export const KUBEADM_ARGS = 'KUBELET_KUBEADM_ARGS'

/** ours: through the hub; partial: only half of our two flags; other: somebody's own flags decide. */
export type RedirectState = 'none' | 'ours' | 'partial' | 'other'

// The empty one keeps the kubelet from bootstrapping: a kubeconfig without client certificate is no valid one to it.
const redirect = [`--kubeconfig=${OUR_KUBECONFIG}`, '--bootstrap-kubeconfig=']
const tokens = redirect.join(' ')

// A value never starts with one blank when we have put the flags into it: so this line is known as added whole.
const ownLine = `${KUBEADM_ARGS}=" ${tokens}"`

/** Which kubeconfig the flags file makes the kubelet use; undefined text is a file that does not exist. */
export function redirectState(text: string | undefined): RedirectState {
  return stateOf(read(text ?? '').words)
}

/**
 * The flags file with our two flags at the end of the value, in its own quoting; every other byte is kept. An unquoted value
 * stays unquoted: systemd reads it to the end of the line, blanks included (env-file.c, state VALUE).
 * Throws NODE_FLAGS_KUBECONFIG when the file has a kubeconfig of its own, NODE_FLAGS_SYNTAX when it cannot be edited safely.
 */
export function addRedirect(text: string | undefined): string {
  const before = text ?? ''
  const state = redirectState(before)
  if (state === 'ours') return before
  if (state === 'other') {
    throw new YurtSshError(
      'NODE_FLAGS_KUBECONFIG',
      `${where(before)} sets a --kubeconfig or --bootstrap-kubeconfig of its own`,
      {
        hint: 'ours would override it and a revert could not tell them apart: take these flags out of the file first',
      },
    )
  }
  const clean = lastFlagIsOurs(before) ? removeRedirect(before) : before
  const { assignment, words } = read(clean)
  return checked(clean, insert(clean, assignment), [...words.map((word) => word.text), ...redirect])
}

/**
 * The flags file without our two flags, wherever they stand and however they are spaced: ours, yurtctl's two blanks before and
 * one after, or sorted by a newer kubeadm. Gives '' for a file that addRedirect made from nothing.
 */
export function removeRedirect(text: string): string {
  const { assignment, words } = read(text)
  if (!assignment) return text
  if (text.slice(assignment.from, assignment.to) === ownLine) return withoutLine(text, assignment)
  const dropped = ourWords(words)
  const kept = words.filter((word) => !dropped.includes(word)).map((word) => word.text)
  const gone = new Set(droppedOffsets(valueText(assignment), dropped))
  const cut = assignment.chars.filter((_, index) => gone.has(index)).reverse()
  return checked(
    text,
    cut.reduce((rest, { from, to }) => rest.slice(0, from) + rest.slice(to), text),
    kept,
  )
}

function read(text: string): { assignment: Assignment | undefined; words: Word[] } {
  const { assignments, ambiguousAt } = parseEnvironmentFile(text)
  if (ambiguousAt !== undefined) {
    throw new YurtSshError(
      'NODE_FLAGS_SYNTAX',
      `${where(text, ambiguousAt)} is a comment that ends in a backslash`,
      {
        hint: 'systemd before 254 takes the line after it for comment too: remove the backslash',
      },
    )
  }
  const assignment = assignments.findLast(({ key }) => key === KUBEADM_ARGS)
  return { assignment, words: assignment ? splitWords(valueText(assignment)) : [] }
}

function stateOf(words: Word[]): RedirectState {
  const kubeconfig = lastUse(words, 'kubeconfig')
  const bootstrap = lastUse(words, 'bootstrap-kubeconfig')
  if (!kubeconfig && !bootstrap) return 'none'
  if (kubeconfig && kubeconfig.value !== OUR_KUBECONFIG) return 'other'
  if (bootstrap && bootstrap.value !== '') return 'other'
  return kubeconfig && bootstrap ? 'ours' : 'partial'
}

function lastUse(words: Word[], name: string) {
  return uses(words, name).at(-1)
}

function uses(words: Word[], name: string) {
  return flagUses(
    words.map((word) => word.text),
    name,
  )
}

function lastFlagIsOurs(text: string): boolean {
  return lastUse(read(text).words, 'kubeconfig')?.value === OUR_KUBECONFIG
}

function insert(text: string, assignment: Assignment | undefined): string {
  if (!assignment) return text === '' || /[\r\n]$/.test(text) ? `${text}${ownLine}\n` : `${text}\n${ownLine}`
  const last = assignment.chars.at(-1)
  const at = last?.to ?? assignment.inside
  return text.slice(0, at) + (last ? ` ${tokens}` : tokens) + text.slice(at)
}

/** With each of our --kubeconfig goes one empty --bootstrap-kubeconfig, the last ones: an earlier one may be the owner's. */
function ourWords(words: Word[]): Word[] {
  const kubeconfigs = uses(words, 'kubeconfig').filter((use) => use.value === OUR_KUBECONFIG)
  const empty = uses(words, 'bootstrap-kubeconfig').filter((use) => use.value === '')
  const count = kubeconfigs.length || (stateOf(words) === 'partial' ? 1 : 0)
  return [...kubeconfigs, ...empty.slice(Math.max(0, empty.length - count))].flatMap((use) =>
    words.slice(use.index, use.index + use.words),
  )
}

/** Offsets into the value of the words and of one blank with each: before it, or after it at the start of the value. */
function droppedOffsets(value: string, dropped: Word[]): number[] {
  const yurtctl = `  ${tokens} `
  if (value.endsWith(yurtctl) && dropped.length === redirect.length)
    return range(value.length - yurtctl.length, value.length)
  const gone = new Set<number>()
  for (const { from, to } of dropped.toSorted((a, b) => a.from - b.from)) {
    for (const at of range(from, to)) gone.add(at)
    const before = from > 0 && !gone.has(from - 1)
    const blank = before ? from - 1 : to
    if (isBlank(value.charAt(blank))) gone.add(blank)
  }
  return [...gone]
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

function withoutLine(text: string, { from, to }: Assignment): string {
  const [head, tail] = [text.slice(0, from), text.slice(to)]
  return tail === '' ? head.replace(/\r?\n$/, '') : head + tail.replace(/^\r?\n|^\r/, '')
}

function checked(before: string, after: string, expected: string[]): string {
  const words = read(after).words.map((word) => word.text)
  if (isDeepStrictEqual(words, expected)) return after
  throw new YurtSshError(
    'NODE_FLAGS_SYNTAX',
    `${where(before)} cannot be edited: a quote or a backslash in it is not closed`,
    {
      hint: `what is added would become part of another value; write ${KUBEADM_ARGS}="--flag=value --flag=value" on one line`,
    },
  )
}

function where(
  text: string,
  offset = parseEnvironmentFile(text).assignments.findLast(({ key }) => key === KUBEADM_ARGS)?.from,
) {
  return offset === undefined
    ? 'kubeadm-flags.env'
    : `kubeadm-flags.env line ${text.slice(0, offset).split('\n').length}`
}
