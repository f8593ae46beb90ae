import type { Host, Images } from '../inventory/types.js'
import type { PlanOptions } from '../plan/options.js'
import type { Plan } from '../plan/types.js'
import type { Outlook } from '../report/plan-summary.js'
import type { ReadingEvent } from '../report/reading.js'
import type { LeftOut } from '../report/record-format.js'
import type { Emit } from '../rollout/events.js'
import type { WaveAhead } from '../rollout/hosts-phase.js'
import type { Pace } from '../rollout/pace.js'

/** What every command takes from the command line. */
export interface CommonOptions {
  /** Paths of inventory files, the later ones over the earlier. */
  inventory: readonly string[]
  /** Told by their content when absent. */
  inventoryFormat?: 'native' | 'ansible'
  kubeconfig?: string
  release?: string
  images: Partial<Images>
  /** Node names that are cloud nodes, whatever the inventory says; all others are then edge. */
  cloudNodes?: readonly string[]
  limit: readonly string[]
  forks: number
  ignorePreflightErrors: readonly string[]
  /** Only show what would change. */
  check: boolean
  /** Ask for the sudo password of hosts for which the inventory has none. */
  askBecomePass: boolean
  plan: Omit<PlanOptions, 'release' | 'images'>
}

/** What commands that change something take beside it. */
export interface ChangeOptions extends CommonOptions {
  pace: Pace
  /** Where the plan is stored instead of running it, and the version of this yurt-ssh. */
  out?: { file: string; yurtSsh: string }
}

export interface Listener {
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal
  /** One line for the operator. */
  tell: (text: string) => void
  /** Asks for a password or passphrase, without echo. */
  askSecret: (question: string) => Promise<string>
  /** The folder of the records of runs, which tell of a run of this machine that died. */
  runs?: string
  /** How the reading of facts goes. */
  reading?: (event: ReadingEvent) => void
}

/** What a command needs of the outside beside hosts and API: someone to ask, and somewhere to tell. */
export interface Surroundings extends Listener {
  /** Shows what becomes of what dead runs left, a line each, and asks. */
  approveRecovery: (lines: readonly string[]) => Promise<boolean>
  /** Shows the plan and asks; false ends the command untouched. */
  approve: (plan: Plan, outlook: Outlook) => Promise<boolean>
  /** Asks before a wave, where the operator wants that; false ends the run there. */
  approveWave: (wave: WaveAhead) => Promise<boolean>
  /** Told before a plan runs; returns where its events go. */
  watch: (plan: Plan, run: RunIdentity) => { emit: Emit; done: () => Promise<void> | void }
}

/** What a record of the run says of it beside its plan. */
export interface RunIdentity {
  id: string
  /** URL of the API server. */
  server: string
  /** Every host of the inventory. */
  hosts: readonly Host[]
  /** Those that it goes on without. */
  leftOut: readonly LeftOut[]
}
