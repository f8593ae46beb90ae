import { confirming } from '../plan/describe.js'
import type { HostStatus } from '../rollout/events.js'
import type { RecordedEvent } from './record-format.js'

/** A stretch of time of a host, or of the cluster; seconds since the run began. */
export interface Span {
  /** The kind of the step, which its colour goes by. */
  step: string
  text: string
  from: number
  to: number
}

export interface PhaseSpan {
  title: string
  from: number
  to: number
  hosts: number
  /** Whether it came to its end. */
  ended: boolean
}

/** What one host did. */
export interface Lane {
  spans: Span[]
  statuses: HostStatus[]
  /** Why it failed. */
  messages: string[]
  notes: string[]
  /** Whether the record ends while it is worked on. */
  open: boolean
}

export interface Timeline {
  phases: PhaseSpan[]
  cluster: Span[]
  hosts: Map<string, Lane>
  notes: string[]
  /** Of the last event. */
  seconds: number
}

/** Events as stretches of time: each lasts until the next of its host, the last one until the record's end. */
export function timeline(events: readonly RecordedEvent[], began: string): Timeline {
  const zero = Date.parse(began)
  const at = (time: string): number => Math.max(0, (Date.parse(time) - zero) / 1000)
  const result: Timeline = { phases: [], cluster: [], hosts: new Map(), notes: [], seconds: 0 }
  let clusterOpen = false
  const closeCluster = (now: number): void => {
    const last = result.cluster.at(-1)
    if (clusterOpen && last !== undefined) last.to = now
    clusterOpen = false
  }
  for (const event of events) {
    const now = at(event.time)
    result.seconds = Math.max(result.seconds, now)
    if (event.type === 'phase')
      result.phases.push({ title: event.title, from: now, to: now, hosts: event.hosts, ended: false })
    else if (event.type === 'phase-done') {
      closeCluster(now)
      const phase = result.phases.at(-1)
      if (phase !== undefined) Object.assign(phase, { to: now, ended: true })
    } else if (event.type === 'cluster-step') {
      closeCluster(now)
      result.cluster.push({ step: 'cluster', text: event.text, from: now, to: now })
      clusterOpen = true
    } else if (event.type === 'note' && event.host === undefined) result.notes.push(event.text)
    else if ('host' in event && event.host !== undefined) onHost(laneOf(result.hosts, event.host), event, now)
  }
  closeCluster(result.seconds)
  for (const phase of result.phases) if (!phase.ended) phase.to = result.seconds
  for (const lane of result.hosts.values()) if (lane.open) close(lane, result.seconds)
  return result
}

function laneOf(hosts: Map<string, Lane>, host: string): Lane {
  const lane = hosts.get(host) ?? { spans: [], statuses: [], messages: [], notes: [], open: false }
  hosts.set(host, lane)
  return lane
}

function onHost(lane: Lane, event: RecordedEvent, now: number): void {
  if (event.type === 'note') {
    lane.notes.push(event.text)
    return
  }
  if (event.type === 'host-step' && event.hidden) return
  if (lane.open) close(lane, now)
  if (event.type === 'host-done') {
    lane.open = false
    lane.statuses.push(event.status)
    if (event.message !== undefined) lane.messages.push(event.message)
    return
  }
  lane.open = true
  if (event.type === 'host') lane.spans.push({ step: 'connect', text: 'connect', from: now, to: now })
  else if (event.type === 'host-step')
    lane.spans.push({ step: event.step, text: event.text, from: now, to: now })
  else if (event.type === 'host-confirm')
    lane.spans.push({ step: 'confirm', text: confirming, from: now, to: now })
}

function close(lane: Lane, now: number): void {
  const last = lane.spans.at(-1)
  if (last !== undefined) last.to = now
}
