import colors from 'picocolors'
import type { Emit } from '../rollout/events.js'
import { eventLine, isTrouble, type Verbosity } from './event-line.js'
import { drawProgress } from './progress-view.js'

export interface Progress {
  emit: Emit
  /** A line for the operator, in between. */
  tell: (text: string) => void
  /** Draws what is left and gives the terminal back. */
  done: () => Promise<void>
}

/**
 * A drawing on a terminal; a plain line per event with its time elsewhere, without `draw`, with -v, and of failures only
 * with --quiet.
 */
export function createProgress(
  stream: NodeJS.WriteStream,
  verbosity: Verbosity = 0,
  { draw }: { draw: boolean } = { draw: true },
): Progress {
  if (!stream.isTTY || !draw || verbosity !== 0) return printLines(stream, verbosity)
  const drawing = drawProgress(stream)
  return {
    emit(event) {
      drawing.advance(event)
      const line = eventLine(event, 0) ?? ''
      if (isTrouble(event)) drawing.print(colors.red(line))
      else if (event.type === 'note') drawing.print(line)
    },
    tell: drawing.print,
    done: drawing.done,
  }
}

/** Lines of one turn of the event loop are one write: to a pipe or a file each is a system call that is waited for. */
function printLines(stream: NodeJS.WriteStream, verbosity: Verbosity): Progress {
  let lines = ''
  const flush = (): void => {
    if (lines !== '') stream.write(lines)
    lines = ''
  }
  const print = (text: string): void => {
    if (lines === '') setImmediate(flush)
    lines += `${new Date().toISOString().slice(11, 19)} ${text}\n`
  }
  return {
    emit(event) {
      const text = eventLine(event, verbosity)
      if (text !== undefined) print(text)
    },
    tell: print,
    done() {
      flush()
      return Promise.resolve()
    },
  }
}
