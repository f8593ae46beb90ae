import { confirming, describeHostStep, isVisible } from '../plan/describe.js'
import type { RunEvent } from '../rollout/events.js'
import { duration } from './table.js'

/** Where a run stands, as its events tell it; times in milliseconds. */
export interface ProgressState {
  phase: { title: string; index: number; count: number; hosts: number; began: number }
  wave: { index: number; count: number } | undefined
  /** Hosts that are worked on, by name, the longest first. */
  running: Map<string, { text: string; since: number }>
  done: number
  failed: number
  unreachable: number
  /** What the cluster's part does. */
  text: string
}

export function startState(now: number): ProgressState {
  return {
    phase: { title: '', index: 0, count: 0, hosts: 0, began: now },
    wave: undefined,
    running: new Map(),
    done: 0,
    failed: 0,
    unreachable: 0,
    text: '',
  }
}

/** Takes an event in, in place: a copy per event would cost at 2,000 hosts. */
export function advance(state: ProgressState, event: RunEvent, now: number): void {
  switch (event.type) {
    case 'phase':
      Object.assign(state, startState(now))
      state.phase = { ...event, began: now }
      break
    case 'wave':
      state.wave = { index: event.index, count: event.count }
      break
    case 'host':
      state.running.set(event.host, { text: 'connects', since: now })
      break
    case 'host-step': {
      const since = state.running.get(event.host)?.since ?? now
      if (isVisible(event.step)) state.running.set(event.host, { text: describeHostStep(event.step), since })
      break
    }
    case 'host-confirm': {
      const since = state.running.get(event.host)?.since ?? now
      state.running.set(event.host, { text: confirming, since })
      break
    }
    case 'host-done':
      state.running.delete(event.host)
      if (event.status === 'failed') state.failed++
      else if (event.status === 'unreachable') state.unreachable++
      else state.done++
      break
    case 'cluster-step':
      state.text = event.text
      break
    case 'phase-done':
    case 'host-output':
    case 'note':
      break
  }
}

export interface FrameSize {
  rows: number
  columns: number
}

/** The title of the current phase, such as `[5/6] edge hosts, wave 2/3`. */
export function frameTitle({ phase, wave }: ProgressState): string {
  const waves = wave === undefined || wave.count < 2 ? '' : `, wave ${wave.index + 1}/${wave.count}`
  return `[${phase.index + 1}/${phase.count}] ${phase.title}${waves}`
}

/** A finished phase as the line that stays. */
export function phaseSummary(state: ProgressState, seconds: number): string {
  const { phase, done, failed, unreachable } = state
  const title = `[${phase.index + 1}/${phase.count}] ${phase.title}`
  if (phase.hosts === 0) return `${title}: ${duration(seconds)}`
  return `${title}: ${done} done, ${failed} failed, ${unreachable} unreachable in ${duration(seconds)}`
}

/** The rows below the title, at most `rows` of at most `columns` characters. */
export function frameRows(state: ProgressState, size: FrameSize, now: number): string[] {
  const { phase, running, text } = state
  if (phase.hosts === 0) return [cut(`${text}${text === '' ? '' : '  '}${elapsed(phase.began, now)}`, size)]
  const head = [counters(state), pace(state, now)].slice(0, Math.max(1, size.rows))
  const room = Math.max(0, size.rows - head.length)
  const all = running.size <= room
  const shown = [...running].slice(0, all ? room : Math.max(0, room - 1))
  const width = Math.max(0, ...shown.map(([host]) => host.length))
  const hosts = shown.map(
    ([host, { text, since }]) => `${host.padEnd(width)}  ${elapsed(since, now).padStart(5)}  ${text}`,
  )
  const more = all || room === 0 ? [] : [`and ${running.size - shown.length} more`]
  return [...head, ...hosts, ...more].map((row) => cut(row, size))
}

function counters({ phase, running, done, failed, unreachable }: ProgressState): string {
  const left = Math.max(0, phase.hosts - done - failed - unreachable)
  return `${done} done, ${failed} failed, ${unreachable} unreachable, ${left} left (${running.size} running)`
}

/** Throughput of this phase, and how long the rest takes at it. */
function pace({ phase, done, failed, unreachable }: ProgressState, now: number): string {
  const finished = done + failed + unreachable
  const seconds = (now - phase.began) / 1000
  if (finished === 0 || seconds <= 0) return elapsed(phase.began, now)
  const perMinute = (finished / seconds) * 60
  const left = ((phase.hosts - finished) * seconds) / finished
  const rate = perMinute < 10 ? perMinute.toFixed(1) : perMinute.toFixed(0)
  const rest = left > 0 ? `, about ${estimate(left)} left` : ''
  return `${elapsed(phase.began, now)}, ${rate} hosts/min${rest}`
}

/** An estimate has no seconds beside its minutes. */
function estimate(seconds: number): string {
  return seconds < 120 ? duration(seconds) : `${Math.round(seconds / 60)} min`
}

function elapsed(since: number, now: number): string {
  return duration((now - since) / 1000)
}

function cut(text: string, { columns }: FrameSize): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}
