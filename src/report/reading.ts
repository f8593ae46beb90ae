import { duration } from './table.js'

/** What is told while the facts of hosts are read. */
export type ReadingEvent =
  | { type: 'begin'; hosts: number }
  | { type: 'host'; host: string; at: 'connecting' | 'reading' | 'read' }
  | { type: 'end' }

/** Where the reading of facts stands; times in milliseconds. */
export interface ReadingState {
  hosts: number
  read: number
  /** By host, those that wait longest first. */
  under: Map<string, { at: 'connecting' | 'reading'; since: number }>
}

export function advanceReading(state: ReadingState, event: ReadingEvent, now: number): void {
  if (event.type === 'begin') Object.assign(state, { hosts: event.hosts, read: 0, under: new Map() })
  if (event.type !== 'host') return
  const { host, at } = event
  if (at === 'read') {
    state.under.delete(host)
    state.read++
  } else state.under.set(host, { at, since: state.under.get(host)?.since ?? now })
}

/** `reading 312/400 hosts, 88 left, slowest edge-043 (20 s, connecting)` */
export function readingText({ hosts, read, under }: ReadingState, now: number): string {
  const [slowest] = under
  const who =
    slowest === undefined
      ? ''
      : `, slowest ${slowest[0]} (${duration((now - slowest[1].since) / 1000)}, ${slowest[1].at})`
  return `reading ${read}/${hosts} hosts, ${hosts - read} left${who}`
}
