import type { RunningCli } from '../../e2e/support/cli.js'

/** What a host may be after a fault: nothing else counts as survived. */
export type Outcome = 'as it was' | 'converted' | 'either'

interface Common {
  name: string
  /** A budget is filled by them; an estimate where the case has not run on the lab yet. */
  minutes: number
}

/** Something that happens to one host while a run works on it; two of them share a run, each on a host of its own. */
export interface HostFault extends Common {
  kind: 'host'
  /** Before the run. */
  arm?: (node: string) => Promise<unknown>
  /** Once this line of the run's output is there. */
  act?: { at: (node: string) => RegExp; does: (node: string, running: RunningCli) => Promise<unknown> }
  /** After the run: what was armed goes. */
  disarm?: (node: string) => Promise<unknown>
  outcome: Outcome
  /** What the run must have told the operator. */
  says?: RegExp
}

/** Something that happens to a run itself, with both hosts in it. */
export interface RunFault extends Common {
  kind: 'run'
  act: { at: RegExp; does: (running: RunningCli) => Promise<unknown> }
  outcome: Outcome
  /** Exit codes that are right; -1: it was killed. */
  status: readonly number[]
}

/** A course of events of its own: it ends its own runs, and throws where a promise is broken. */
export interface Story extends Common {
  kind: 'story'
  tell: (node: string) => Promise<void>
  /** What the host is when the story ends. */
  outcome: Outcome
}

/** Before any host is converted, on the control plane, alone. */
export interface MasterFault extends Common {
  kind: 'master'
  tell: () => Promise<void>
}

export type Fault = HostFault | RunFault | Story | MasterFault
export type WorkerFault = HostFault | RunFault | Story
