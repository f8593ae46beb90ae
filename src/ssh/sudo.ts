import { randomBytes } from 'node:crypto'
import type { ShellOptions } from './shell.js'

/** A language of its own, so that its words can be told. */
const sudo = 'env LC_ALL=C sudo'

/** In front of a command: becomes root without a password. */
export const plainSudo = `${sudo} -n`

/** Becoming root in words to and fro: by a password, or on a terminal. */
export interface SudoDialogue {
  command: string
  onNoise: NonNullable<ShellOptions['onNoise']>
  /** How it stands after all that was heard so far. */
  stage(): 'waiting' | 'asked' | 'refused' | 'root'
}

/**
 * The password goes out once, when sudo asks for it: by our own prompt, or by a line that ends like a question (PAM may put
 * its own). A second question means that it was wrong. The root shell announces itself before anything is sent to it, or a
 * host that asks for no password would run the password as a command.
 */
export function sudoDialogue(terminal: boolean, hasPassword: boolean): SudoDialogue {
  const nonce = randomBytes(12).toString('hex')
  const [ready, ask, root] = ['ready', 'ask', 'root'].map((word) => `${nonce}-${word}`) as [
    string,
    string,
    string,
  ]
  // Behind a pipe: at a terminal `sh -s` would be interactive, with prompts and editing.
  const shell = terminal ? 'sh -s 2>&1 | cat' : 'exec sh -s'
  const asking = hasPassword ? `-k -S -p ${ask}` : '-n'
  const start = terminal ? `stty raw -echo; echo ${ready}` : `echo ${ready} >&2`
  let output = ''
  let words = ''
  let started = false
  let questions = 0
  let askedByUs = false

  /**
   * Takes what was heard up to the next question, if there is one. What was taken for one before our own prompt was a line
   * that came in pieces, such as the lecture's: sudo has yet to read the answer.
   */
  function countQuestion(): boolean {
    const at = words.indexOf(ask)
    if (at === -1 && !/[:：?][ \t]*$/.test(words)) return false
    questions = at !== -1 && !askedByUs ? 1 : questions + 1
    askedByUs ||= at !== -1
    words = at === -1 ? '' : words.slice(at + ask.length)
    return true
  }

  return {
    command: `sh -c '${start}; exec ${sudo} ${asking} sh -c "echo ${root}; ${shell}"'`,
    onNoise(stream, text) {
      if (stream === 'stdout') output += text
      if (stream === 'stderr' || terminal) words += text
      const at = words.indexOf(`${ready}\n`)
      if (at !== -1) {
        started = true
        words = words.slice(at + ready.length + 1)
      }
      while (started && countQuestion());
    },
    stage() {
      if (output.includes(`${root}\n`)) return 'root'
      if (questions > 1) return 'refused'
      return questions === 1 ? 'asked' : 'waiting'
    },
  }
}
