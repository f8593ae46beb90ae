import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import colors from 'picocolors'
import type { RunEvent } from '../rollout/events.js'
import { advance, frameRows, frameTitle, phaseSummary, startState } from './progress-state.js'

export interface Drawing {
  advance: (event: RunEvent) => void
  /** A line that stays, above what is redrawn. */
  print: (line: string) => void
  done: () => Promise<void>
}

/** Five redraws a second. */
const tickMilliseconds = 200
/** Of the terminal's rows; the others show what has just happened. */
const shareOfRows = 0.75
/** What listr2 puts in front of a row. */
const indentation = 8

/**
 * The current phase as one listr2 task whose output is the whole frame. Never one task per host: its renderer goes
 * through every task on every event. It is ended and begun again where a line is to stay, and after a resize: listr2
 * takes the terminal's size only once.
 */
export function drawProgress(stream: NodeJS.WriteStream): Drawing {
  const state = startState(Date.now())
  let lines: string[] = []
  let live: Live | undefined
  let resized = false
  const onResize = (): void => {
    resized = true
  }
  stream.on('resize', onResize)

  const clear = async (): Promise<void> => {
    await live?.end()
    live = undefined
    resized = false
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
    lines = []
  }
  const tick = async (): Promise<void> => {
    if (lines.length > 0 || resized) await clear()
    if (state.phase.count === 0) return
    live ??= openList(stream)
    const height = Math.floor((stream.rows || 24) * shareOfRows)
    // the title is a row too
    const size = { rows: height - 1, columns: (stream.columns || 80) - indentation }
    const rows = frameRows(state, size, Date.now()).map(paintTrouble)
    live.show([colors.bold(frameTitle(state)), ...rows].join('\n'))
  }
  let ticking = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    // what cannot be drawn must not end a run
    ticking = tick()
      .catch(() => undefined)
      .finally(() => {
        busy = false
      })
  }, tickMilliseconds)

  return {
    advance(event) {
      advance(state, event, Date.now())
      if (event.type === 'phase-done') lines.push(phaseSummary(state, event.seconds))
    },
    print: (line) => void lines.push(line),
    async done() {
      clearInterval(timer)
      stream.off('resize', onResize)
      await ticking
      await clear()
    },
  }
}

/** Counters of what went wrong stand out once there are any. */
function paintTrouble(row: string): string {
  return row.replace(/\b[1-9]\d* (failed|unreachable)/g, (count) => colors.red(count))
}

interface Live {
  show: (frame: string) => void
  end: () => Promise<void>
}

/**
 * A list of one task on `stream`, whatever stdout is; its drawing is gone after `end`. The task has no title of its own,
 * or each change of its state would be a redraw of the title alone.
 */
function openList(stream: NodeJS.WriteStream): Live {
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  let output = ''
  let show = (text: string): void => {
    output = text
  }
  const logger = new ListrLogger({
    useIcons: true,
    toStderr: [],
    processOutput: new ProcessOutput(stream, stream, { leaveEmptyLine: false }),
  })
  const rendererOptions = {
    lazy: true,
    clearOutput: true,
    formatOutput: 'truncate',
    logger,
  } as const
  const list = new Listr(
    {
      task: (_context, task) => {
        show = (text) => {
          task.output = text
        }
        if (output !== '') show(output)
        return finished
      },
    },
    {
      renderer: 'default',
      rendererOptions,
      // what listr2 takes where stdout is no terminal
      fallbackRenderer: 'default',
      fallbackRendererOptions: rendererOptions,
      registerSignalListeners: false,
    },
  )
  const drawn = list.run().catch(() => undefined)
  return {
    show: (text) => show(text),
    async end() {
      finish()
      await drawn
    },
  }
}
