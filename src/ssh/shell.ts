import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import pLimit from 'p-limit'
import type { ClientChannel } from 'ssh2'
import { systemWords } from '../errors/system.js'
import { YurtSshError } from '../errors.js'
import { withDeadline } from './deadline.js'
import { createSection, errorNonce, frame, noiseLength, type Section } from './framing.js'
import type { RunOptions, ScriptResult } from './types.js'

/** A shell that reads scripts from its stdin. */
export interface Shell {
  /** Runs one script after another; errors as HostSession's. */
  run(script: string, options: RunOptions): Promise<ScriptResult>
  /** Aborted when the shell is gone; the reason says why, in words. */
  readonly lost: AbortSignal
  /** How the shell itself ended, if the host said. */
  exitStatus(): number | undefined
  /** What came outside of any script, its last 4 KB: start-up noise, or why there is no shell. */
  noise(): string
  /** A line to whatever reads the channel before the shell does: sudo. */
  say(line: string): void
  /** Gives the shell up, whatever it is doing. */
  end(reason: string): void
}

export interface ShellOptions {
  /** The channel is a terminal, with one stream for stdout and stderr. */
  merged?: boolean
  /** Gets what comes outside of scripts, as it arrives. */
  onNoise?: (stream: 'stdout' | 'stderr', text: string) => void
}

/** Speaks the protocol of framed scripts with the shell at the other end of an exec channel. */
export function createShell(
  channel: ClientChannel,
  { merged = false, onNoise = () => undefined }: ShellOptions = {},
): Shell {
  const ended = new AbortController()
  const oneAtATime = pLimit(1)
  let status: number | undefined
  let noise = ''
  let active: Call | undefined

  function take(stream: 'stdout' | 'stderr', text: string): void {
    active?.take(stream, text)
    if (active !== undefined) return
    noise = (noise + text).slice(-noiseLength)
    onNoise(stream, text)
  }

  // Both streams are read all the time: an unread one would stall the host.
  decode(channel, (text) => take('stdout', text))
  decode(channel.stderr, (text) => take('stderr', text))
  channel.on('error', (error: Error) => ended.abort(systemWords(error)))
  channel.on('exit', (code: number | null) => {
    status = code ?? undefined
  })
  ended.signal.addEventListener('abort', () => active?.fail(lost(ended.signal, active)), { once: true })
  channel.on('close', () =>
    ended.abort(status === undefined ? 'connection closed' : `its shell ended with ${status}`),
  )

  async function runNow(script: string, options: RunOptions): Promise<ScriptResult> {
    const call = createCall(script, options, merged)
    const { timeoutSeconds: seconds, signal } = options
    if (ended.signal.aborted)
      throw new YurtSshError('SSH_LOST', `not started, the session is gone: ${ended.signal.reason}`)
    const timeout = () => timedOut(seconds, call)
    try {
      return await withDeadline({ seconds, signal, timeout }, () => {
        active = call
        channel.write(call.line)
        return call.result
      })
    } catch (error) {
      if (active === call) ended.abort('given up during a script')
      throw error
    } finally {
      active = undefined
    }
  }

  return {
    run: (script, options) => oneAtATime(() => runNow(script, options)),
    lost: ended.signal,
    exitStatus: () => status,
    noise: () => noise,
    say: (line) => void channel.write(`${line}\n`),
    end: (reason) => ended.abort(reason),
  }
}

function decode(stream: Readable, onText: (text: string) => void): void {
  const decoder = new StringDecoder('utf8')
  stream.on('data', (chunk: Buffer) => onText(decoder.write(chunk)))
}

/** One script on its way. */
interface Call {
  readonly line: string
  readonly result: Promise<ScriptResult>
  take(stream: 'stdout' | 'stderr', text: string): void
  fail(error: YurtSshError): void
  /** The host's last words, for an error. */
  lastWords(): string
}

function createCall(script: string, options: RunOptions, merged: boolean): Call {
  const nonce = randomBytes(12).toString('hex')
  const sections = {
    stdout: createSection(nonce, options.onStdout),
    stderr: createSection(merged ? errorNonce(nonce) : nonce),
  }
  let resolve: (result: ScriptResult) => void
  let reject: (error: YurtSshError) => void
  const result = new Promise<ScriptResult>((...settle) => {
    ;[resolve, reject] = settle
  })
  return {
    line: frame(script, nonce, merged),
    result,
    take(stream, text) {
      sections[stream].push(text)
      if (merged) sections.stderr.push(text)
      const end = sections.stdout.end()
      if (end === undefined || sections.stderr.end() === undefined) return
      resolve({ status: Number(end), stdout: sections.stdout.text(), stderr: sections.stderr.text() })
    },
    fail: (error) => reject(error),
    lastWords: () => [sections.stdout, sections.stderr].map(wordsOf).filter(Boolean).join('\n'),
  }
}

function wordsOf(section: Section): string {
  return (section.text() || section.noise()).trim().split('\n').slice(-10).join('\n').slice(-1000)
}

function lost({ reason }: AbortSignal, call: Call): YurtSshError {
  return new YurtSshError('SSH_LOST', `lost before the script's end, its outcome is unknown: ${reason}`, {
    detail: call.lastWords(),
  })
}

function timedOut(seconds: number, call: Call): YurtSshError {
  return new YurtSshError('SSH_TIMEOUT', `a script did not end within ${seconds} s, its outcome is unknown`, {
    detail: call.lastWords(),
  })
}
