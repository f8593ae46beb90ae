import { isDeepStrictEqual } from 'node:util'
import { YurtSshError } from '../errors.js'
import { type Assignment, parseEnvironmentFile, valueText } from './environment-file.js'
import {
  droppedOffsets,
  hasOurKubeconfig,
  ourWords,
  type RedirectState,
  redirectFlags,
  stateOf,
} from './redirect.js'
import { splitWords, type Word } from './words.js'

/** The variable that kubeadm writes to /var/lib/kubelet/kubeadm-flags.env. */
export const KUBEADM_ARGS = 'KUBELET_KUBEADM_ARGS'

/**
 * Which kubeconfig the flags file makes the kubelet use; undefined text is a file that does not exist. Here and below
 * `ours` is the path of the kubeconfig that leads to the hub.
 */
export function redirectState(text: string | undefined, ours: string): RedirectState {
  return stateOf(read(text ?? '').words, ours)
}

/** Whether our kubeconfig is among the flags, be it the last word or not. */
export function hasRedirect(text: string | undefined, ours: string): boolean {
  return hasOurKubeconfig(read(text ?? '').words, ours)
}

/**
 * The flags file with our two flags at the end of the value, in its own quoting; every other byte is kept. An
 * unquoted value stays unquoted: systemd reads it to the end of the line, blanks included (env-file.c, state
 * VALUE).
 * Throws NODE_FLAGS_KUBECONFIG when the file has a kubeconfig of its own, NODE_FLAGS_SYNTAX when it cannot be
 * edited safely.
 */
export function addRedirect(text: string | undefined, ours: string): string {
  const before = text ?? ''
  const state = redirectState(before, ours)
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
  const clean = hasOurKubeconfig(read(before).words, ours) ? removeRedirect(before, ours) : before
  const { assignment, words } = read(clean)
  const flags = redirectFlags(ours)
  return checked(clean, insert(clean, assignment, flags.join(' ')), [
    ...words.map((word) => word.text),
    ...flags,
  ])
}

/**
 * The flags file without our two flags, wherever they stand and however they are spaced: ours, yurtctl's two
 * blanks before and one after, or sorted by a newer kubeadm. Gives '' for a file that addRedirect made from
 * nothing.
 */
export function removeRedirect(text: string, ours: string): string {
  const { assignment, words } = read(text)
  if (!assignment) return text
  if (text.slice(assignment.from, assignment.to) === ownLine(redirectFlags(ours).join(' ')))
    return withoutLine(text, assignment)
  const dropped = ourWords(words, ours)
  const kept = words.filter((word) => !dropped.includes(word)).map((word) => word.text)
  const gone = new Set(droppedOffsets(valueText(assignment), dropped, ours))
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

// A value never starts with one blank when we have put the flags into it: so this line is known as added whole.
function ownLine(flags: string): string {
  return `${KUBEADM_ARGS}=" ${flags}"`
}

function insert(text: string, assignment: Assignment | undefined, flags: string): string {
  if (!assignment)
    return text === '' || /[\r\n]$/.test(text) ? `${text}${ownLine(flags)}\n` : `${text}\n${ownLine(flags)}`
  const last = assignment.chars.at(-1)
  const at = last?.to ?? assignment.inside
  return text.slice(0, at) + (last ? ` ${flags}` : flags) + text.slice(at)
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
