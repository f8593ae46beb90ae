import type { Plan } from '../plan/types.js'
import type { RunEvent } from '../rollout/events.js'
import type { HostResult } from '../rollout/host.js'

/** Version of the files in a run's folder; a reader refuses what it does not know. */
export const recordFormat = 1

/** Names in a run's folder. */
export const recordFiles = {
  header: 'run.json',
  plan: 'plan.json',
  events: 'events.ndjson',
  result: 'result.json',
  failedHosts: 'failed-hosts',
  hosts: 'hosts',
} as const

/** `run.json`: what is known before the run begins. */
export interface RunHeader {
  format: typeof recordFormat
  id: string
  verb: Plan['verb']
  release: string
  /** RFC 3339, as every time in a record. */
  began: string
  /** URL of the API server. */
  server: string
  /** The hosts that the plan touches. */
  hosts: RecordedHost[]
  /** Hosts of the inventory that the run went on without; absent in records of before. */
  leftOut?: LeftOut[]
  environment: RunEnvironment
}

export interface RecordedHost {
  name: string
  node: string
  role: string
  groups: string[]
}

/** A host that a run goes on without. */
export interface LeftOut {
  host: string
  why: string
}

/** Where and how the run was started. */
export interface RunEnvironment {
  yurtSsh: string
  node: string
  system: string
  machine: string
  user: string
  folder: string
  inventory: string
  /** Arguments of the command line. */
  command: string[]
  pid: number
  /** Names the process beyond its number. */
  process?: string
}

/** A line of `events.ndjson`: an event of the run, a step as its few words instead of its content. */
export type RecordedEvent = { time: string } & (
  | Exclude<RunEvent, { type: 'host-step' | 'host-output' }>
  /** `hidden` steps only prepare an undo. */
  | { type: 'host-step'; host: string; step: string; text: string; reason: string; hidden?: true }
)

export interface RecordedError {
  code: string
  message: string
  host?: string
  hint?: string
  detail?: string
}

export interface RecordedHostResult extends Omit<HostResult, 'error'> {
  error?: RecordedError
}

/** `result.json`: how it ended; there is none where the client died. */
export interface RunEnd {
  format: typeof recordFormat
  id: string
  ended: string
  exitCode: number
  /** Checks that were only a warning. */
  warnings: { name: string; host?: string; message: string; hint?: string }[]
  hosts: RecordedHostResult[]
  /** Titles of the phases that did not run, or not to their end. */
  skipped: string[]
  interrupted: boolean
  error?: RecordedError
}
