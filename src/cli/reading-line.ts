import { advanceReading, type ReadingEvent, type ReadingState, readingText } from '../report/reading.js'
import { statusLine, tell } from './terminal.js'

/** On a terminal a line that is written anew every second; elsewhere a line every ten, once it takes that long. */
export function createReadingLine(): (event: ReadingEvent) => void {
  const state: ReadingState = { hosts: 0, read: 0, under: new Map() }
  const live = process.stderr.isTTY === true
  const show = (): void => {
    const text = readingText(state, Date.now())
    if (live) statusLine(text)
    else tell(text)
  }
  let timer: NodeJS.Timeout | undefined
  return (event) => {
    advanceReading(state, event, Date.now())
    if (event.type === 'begin') {
      if (live) show()
      timer = setInterval(show, live ? 1000 : 10_000)
    }
    if (event.type !== 'end') return
    clearInterval(timer)
    if (live) statusLine(undefined)
  }
}
