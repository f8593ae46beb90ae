import type { HostStatus } from '../rollout/events.js'
import type { LeftOut, RecordedError, RecordedHost, RunEnvironment } from './record-format.js'
import { type Outcome, outcomeOf, type RunRecord } from './record-reader.js'
import { type Lane, type PhaseSpan, type Span, timeline } from './timeline.js'

/** A run as reports show it, and as --json has it; times in seconds since `began`. */
export interface RunReport {
  format: 1
  id: string
  verb: string
  release: string
  outcome: Outcome
  exitCode?: number
  /** RFC 3339. */
  began: string
  seconds: number
  server: string
  counts: Record<ReportedStatus, number>
  phases: PhaseSpan[]
  /** What the cluster's own part did. */
  cluster: Span[]
  hosts: ReportedHost[]
  /** Hosts of the inventory that it went on without. */
  leftOut: LeftOut[]
  /** Titles of the phases that did not run, or not to their end. */
  skipped: string[]
  error?: RecordedError
  warnings: { name: string; host?: string; message: string; hint?: string }[]
  notes: string[]
  environment: RunEnvironment
}

/** `unfinished`: the record ends while it is worked on; `waiting`: it was never begun. */
export type ReportedStatus = HostStatus | 'unfinished' | 'waiting'

export interface ReportedHost extends RecordedHost {
  status: ReportedStatus
  /** When its work began; absent where it did not. */
  from?: number
  /** What its phases took together. */
  seconds: number
  spans: Span[]
  notes: string[]
  errors: RecordedError[]
}

/** From the best to the worst: a host's status is the worst of its phases. */
const statuses: readonly ReportedStatus[] = [
  'unchanged',
  'changed',
  'waiting',
  'skipped',
  'unfinished',
  'unreachable',
  'failed',
]

export function summarize(record: RunRecord): RunReport {
  const { header, end, plan } = record
  const drawn = timeline(record.events, header.began)
  const results = new Map<string, NonNullable<typeof end>['hosts']>()
  for (const result of end?.hosts ?? [])
    results.set(result.host, [...(results.get(result.host) ?? []), result])
  const hosts = header.hosts.map((host): ReportedHost => {
    const lane: Lane = drawn.hosts.get(host.name) ?? {
      spans: [],
      statuses: [],
      messages: [],
      notes: [],
      open: false,
    }
    const own = results.get(host.name) ?? []
    const errors = own.flatMap(({ error }) => error ?? [])
    const seen = [
      ...lane.statuses,
      ...own.map(({ status }) => status),
      ...(lane.open ? ['unfinished' as const] : []),
    ]
    const from = lane.spans[0]?.from
    return {
      ...host,
      status: worst(seen),
      ...(from === undefined ? {} : { from }),
      seconds: lane.spans.reduce((sum, span) => sum + span.to - span.from, 0),
      spans: lane.spans,
      notes: [...new Set([...own.flatMap(({ notes }) => notes), ...lane.notes])],
      // a run whose client died has no result, but the messages of its events
      errors:
        end === undefined ? lane.messages.map((message) => ({ code: '', message, host: host.name })) : errors,
    }
  })
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as RunReport['counts']
  for (const { status } of hosts) counts[status]++
  const seconds =
    end === undefined ? drawn.seconds : (Date.parse(end.ended) - Date.parse(header.began)) / 1000
  return {
    format: 1,
    id: header.id,
    verb: header.verb,
    release: header.release,
    outcome: outcomeOf(end, record.alive),
    ...(end === undefined ? {} : { exitCode: end.exitCode }),
    began: header.began,
    seconds,
    server: header.server,
    counts,
    phases: drawn.phases,
    cluster: drawn.cluster,
    hosts,
    leftOut: header.leftOut ?? [],
    skipped: end?.skipped ?? [],
    ...(end?.error === undefined ? {} : { error: end.error }),
    warnings: end?.warnings ?? [],
    notes: [...(plan?.notes ?? []), ...drawn.notes],
    environment: header.environment,
  }
}

function worst(seen: readonly ReportedStatus[]): ReportedStatus {
  return statuses.findLast((status) => seen.includes(status)) ?? 'waiting'
}
