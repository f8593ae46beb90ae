import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { ExitCode, YurtSshError } from '../errors.js'

/**
 * The first Ctrl-C, and a closed terminal, stop at the next safe point, the second Ctrl-C leaves at once: hosts finish or
 * undo by themselves.
 */
export function interruptions(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        tell('Left: hosts at work finish or undo by themselves. The same command goes on from there.')
        process.exit(ExitCode.interrupted)
      }
      tell('\nStopping: no new host is begun, running ones finish or undo. Once more leaves at once.')
      controller.abort()
    })
  }
  // A terminal that is closed may tell it twice, by its shell and by the kernel: it never leaves at once.
  process.on('SIGHUP', () => controller.abort())
  return controller.signal
}

/** @throws YurtSshError USAGE_NOBODY_TO_ASK where a question would have nobody to answer it */
export function requireSomebody(yes: boolean): void {
  if (yes || process.stdin.isTTY) return
  throw new YurtSshError('USAGE_NOBODY_TO_ASK', 'there is no terminal to ask on', {
    hint: 'give --yes to go on without a question; --check, where the command has it, changes nothing',
  })
}

/** Asks a question that `--yes` answers. */
export async function ask(yes: boolean, question: string): Promise<boolean> {
  if (yes) return true
  requireSomebody(yes)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await withoutStatus(() => terminal.question(`${question} [y/N] `))
    return /^y(es)?$/i.test(answer.trim())
  } catch (cause) {
    // readline rejects when it is closed by Ctrl-C or Ctrl-D
    throw new YurtSshError('INTERRUPTED', 'interrupted at the question; nothing was touched', { cause })
  } finally {
    terminal.close()
  }
}

/** Shows what is going to happen, a line each, and asks whether to go on. */
export function askAbout(yes: boolean, lines: readonly string[]): Promise<boolean> {
  for (const line of lines) tell(line)
  return ask(yes, 'Go on?')
}

/**
 * Asks for a secret; what is typed is not shown.
 * @throws YurtSshError USAGE_NOBODY_TO_ASK without a terminal, INTERRUPTED by Ctrl-C or Ctrl-D
 */
export async function askSecret(question: string): Promise<string> {
  const { stdin } = process
  if (!stdin.isTTY)
    throw new YurtSshError('USAGE_NOBODY_TO_ASK', `there is no terminal to ask for the ${question}`, {
      hint: 'name a file or an environment variable for it in the inventory; keys can be in an agent',
    })
  // readline shows what is typed through its output: this one goes nowhere.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: stdin, output: silent, terminal: true, historySize: 0 })
  // In raw mode Ctrl-C is a key like any other: the run is to hear of it as well.
  terminal.once('SIGINT', () => {
    process.emit('SIGINT')
    terminal.close()
  })
  // Ctrl-D rejects the question, Ctrl-C leaves it open.
  const closed = once(terminal, 'close').then(() => Promise.reject(new Error('closed')))
  try {
    return await withoutStatus(() => {
      process.stderr.write(`${question}: `)
      return Promise.race([terminal.question(''), closed])
    })
  } catch (cause) {
    throw new YurtSshError('INTERRUPTED', 'interrupted at a question; nothing was touched', { cause })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

/** Where a line goes while progress is drawn. */
let drawing: ((text: string) => void) | undefined

/** A line for the operator; results go to stdout, everything else here. */
export function tell(text: string): void {
  if (drawing !== undefined) drawing(text)
  else if (status === undefined) process.stderr.write(`${text}\n`)
  else {
    process.stderr.write(`${wipe}${text}\n`)
    statusLine(status)
  }
}

/** What stands in the terminal's last line until it is taken away, and questions that keep it away. */
let status: string | undefined
let questions = 0

/** To the line's beginning, and the line is empty. */
const wipe = '\r\u001b[K'

/** Puts a text into the terminal's last line in place of the one there, or takes it away. */
export function statusLine(text: string | undefined): void {
  if (status !== undefined && questions === 0) process.stderr.write(wipe)
  status = text
  if (text === undefined || questions > 0) return
  process.stderr.write(text.slice(0, (process.stderr.columns || 80) - 1))
}

/** While somebody is asked, the terminal's last line is theirs. */
async function withoutStatus<T>(question: () => Promise<T>): Promise<T> {
  if (status !== undefined && questions === 0) process.stderr.write(wipe)
  questions++
  try {
    return await question()
  } finally {
    questions--
  }
}

/** Lines go through the drawing that holds the terminal; undefined when it is given back. */
export function tellThrough(show: typeof drawing): void {
  drawing = show
}

/**
 * A reader that goes away, a terminal that is closed, or a full disk behind stdout or stderr ends nothing: a run must go on
 * to its end. Returns whether output was lost that somebody still wanted.
 */
export function guardOutput(streams: readonly NodeJS.WritableStream[]): () => boolean {
  let lost = false
  for (const stream of streams) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      lost ||= code !== 'EPIPE' && code !== 'EIO'
    })
  }
  return () => lost
}

/** The exit code of a command whose output was lost: done, and changes pending, promise a result that is there. */
export function codeWithoutOutput(code: ExitCode): ExitCode {
  return code === ExitCode.done || code === ExitCode.changesPending ? ExitCode.bug : code
}

/** How wide results may be: as the terminal is; where stdout is none, lines are not broken. */
export function columns(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY
}

/** A command's result on stdout, as text or as data. */
export async function print(json: boolean, result: object, text: string): Promise<void> {
  process.stdout.write(`${json ? await jsonOf(result) : text}\n`)
}

/** A result as JSON. */
export async function jsonOf(result: object): Promise<string> {
  const { toJson } = await import('../report/json.js')
  return toJson(result)
}
