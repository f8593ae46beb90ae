import { isDeepStrictEqual } from 'node:util'
import { YurtSshError } from '../errors.js'
import { type Assignment, parseEnvironmentFile, valueText } from './environment-file.js'
import {
  droppedOffsets,
  hasOurKubeconfig,
  ourWords,
  type RedirectState,
  redirect,
  stateOf,
  tokens,
} from './redirect.js'
import { splitWords, type Word } from './words.js'

/** The variable that kubeadm writes to /var/lib/kubelet/kubeadm-flags.env. */
export const KUBEADM_ARGS = 'KUBELET_KUBEADM_ARGS'

// A value never starts with one blank when we have put the flags into it: so this line is known as added whole.
const ownLine = `${KUBEADM_ARGS}=" ${tokens}"`

/** Which kubeconfig the flags file makes the kubelet use; undefined text is a file that does not exist. */
export function redirectState(text: string | undefined): RedirectState {
  return stateOf(read(text ?? '').words)
}

/** Whether our kubeconfig is among the flags, be it the last word or not. */
export function hasRedirect(text: string | undefined): boolean {
  return hasOurKubeconfig(read(text ?? '').words)
}

/**
 * The flags file with our two flags at the end of the value, in its own quoting; every other byte is kept. An
 * unquoted value stays unquoted: systemd reads it to the end of the line, blanks included (env-file.c, state
 * VALUE).
 * Throws NODE_FLAGS_KUBECONFIG when the file has a kubeconfig of its own, NODE_FLAGS_SYNTAX when it cannot be
 * edited safely.
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
  // An empty --bootstrap-kubeconfig without our kubeconfig may be the owner's: it stays.
  const clean = hasOurKubeconfig(read(before).words) ? removeRedirect(before) : before
  const { assignment, words } = read(clean)
  return checked(clean, insert(clean, assignment), [...words.map((word) => word.text), ...redirect])
}

/**
 * The flags file without our two flags, wherever they stand and however they are spaced: ours, yurtctl's two
 * blanks before and one after, or sorted by a newer kubeadm. Gives '' for a file that addRedirect made from
 * nothing.
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

function insert(text: string, assignment: Assignment | undefined): string {
  if (!assignment) return text === '' || /[\r\n]$/.test(text) ? `${text}${ownLine}\n` : `${text}\n${ownLine}`
  const last = assignment.chars.at(-1)
  const at = last?.to ?? assignment.inside
  return text.slice(0, at) + (last ? ` ${tokens}` : tokens) + text.slice(at)
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
