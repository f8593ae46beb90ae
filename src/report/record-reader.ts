import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, YurtSshError } from '../errors.js'
import type { Plan } from '../plan/types.js'
import { processIdentity } from './process-identity.js'
import {
  type RecordedEvent,
  type RunEnd,
  type RunHeader,
  recordFiles,
  recordFormat,
} from './record-format.js'
import { calledAt } from './run-id.js'
import { runIds } from './runs.js'

/** A run as its record tells it. */
export interface RunRecord {
  header: RunHeader
  plan?: Plan
  events: RecordedEvent[]
  /** Absent where the run goes on, or its client died. */
  end?: RunEnd
  /** Whether its client still runs on this machine. */
  alive: boolean
  /** A host's log, '' where there is none. */
  log: (host: string) => string
}

export interface RunSummary {
  id: string
  verb: Plan['verb']
  /** When it was called, as the id says. */
  began: string
  ended?: string
  /** How long the work took, without the questions before it; absent where the run has no end. */
  seconds?: number
  /** URL of the API server. */
  server: string
  /** Where its client ran. */
  machine: string
  hosts: number
  /** Hosts that failed or were not reached. */
  failed: number
  outcome: Outcome
  exitCode?: number
}

export type Outcome = 'done' | 'failed' | 'interrupted' | 'running' | 'lost'

/** Every run of a folder, the newest first; a record that cannot be read is left out. */
export function listRuns(runs: string): RunSummary[] {
  return runIds(runs).flatMap((id) => {
    try {
      return [summaryOf(join(runs, id))]
    } catch {
      return []
    }
  })
}

function summaryOf(folder: string): RunSummary {
  const header = readHeader(folder)
  const end = readEnd(folder)
  const { id, verb, began, hosts, server, environment } = header
  return {
    id,
    verb,
    began: calledAt(id) ?? began,
    server,
    machine: environment.machine,
    hosts: hosts.length,
    failed: failedHosts(end?.hosts ?? []).length,
    outcome: outcomeOf(end, isAlive(header)),
    ...(end === undefined
      ? {}
      : {
          ended: end.ended,
          seconds: (Date.parse(end.ended) - Date.parse(began)) / 1000,
          exitCode: end.exitCode,
        }),
  }
}

/** How a run ended: `lost` where its client died without a word. */
export function outcomeOf(end: RunEnd | undefined, alive: boolean): Outcome {
  if (end === undefined) return alive ? 'running' : 'lost'
  if (end.exitCode === 0) return 'done'
  return end.exitCode === 130 ? 'interrupted' : 'failed'
}

/** Names for a next run's --limit, each once: hosts that were left out, failed, or were not reached. */
export function failedHosts(
  hosts: readonly { host: string; status: string }[],
  leftOut: readonly string[] = [],
): string[] {
  const failed = hosts.filter(({ status }) => status === 'failed' || status === 'unreachable')
  return [...new Set([...leftOut, ...failed.map(({ host }) => host)])]
}

/**
 * The record of a run named by id, by the beginning of one, or `latest`.
 * @throws YurtSshError USAGE_RUN: no such run, several, or a record that cannot be read
 */
export function readRun(runs: string, name: string): RunRecord {
  const folder = join(runs, findRun(runs, name))
  try {
    const header = readHeader(folder)
    const end = readEnd(folder)
    return {
      header,
      ...readPlan(folder),
      events: readEvents(folder),
      ...(end === undefined ? {} : { end }),
      alive: isAlive(header),
      log: (host) => readText(join(folder, recordFiles.hosts, `${host}.log`)) ?? '',
    }
  } catch (cause) {
    if (cause instanceof YurtSshError) throw cause
    throw new YurtSshError('USAGE_RUN', `the record ${folder} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

function findRun(runs: string, name: string): string {
  const ids = runIds(runs)
  const found = name === 'latest' ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(name))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const problem = found.length > 1 ? `several runs begin with "${name}"` : `no run "${name}" in ${runs}`
  throw new YurtSshError('USAGE_RUN', problem, { hint: '`yurt-ssh runs` lists them' })
}

function readHeader(folder: string): RunHeader {
  const header = JSON.parse(readFileSync(join(folder, recordFiles.header), 'utf8')) as RunHeader
  if (header.format === recordFormat) return header
  throw new YurtSshError('USAGE_RUN', `${folder} has format ${header.format}, not ${recordFormat}`, {
    hint: 'use the version of yurt-ssh that wrote it',
  })
}

function readEnd(folder: string): RunEnd | undefined {
  const text = readText(join(folder, recordFiles.result))
  return text === undefined ? undefined : (JSON.parse(text) as RunEnd)
}

/** A full disk may have left none. */
function readPlan(folder: string): { plan?: Plan } {
  const text = readText(join(folder, recordFiles.plan))
  return text === undefined ? {} : { plan: (JSON.parse(text) as { plan: Plan }).plan }
}

/** Lines that a kill or a full disk cut short are left out. */
function readEvents(folder: string): RecordedEvent[] {
  return (readText(join(folder, recordFiles.events)) ?? '').split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as RecordedEvent]
    } catch {
      return []
    }
  })
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function isAlive({ environment: { pid, process } }: RunHeader): boolean {
  return process !== undefined && processIdentity(pid) === process
}
