import type { Images } from '../inventory/types.js'
import type { PlanOptions } from '../plan/options.js'
import type { Plan } from '../plan/types.js'
import type { Emit } from '../rollout/events.js'

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

export interface Listener {
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal
  /** One line for the operator. */
  tell: (text: string) => void
  /** Asks for a password or passphrase, without echo. */
  askSecret: (question: string) => Promise<string>
}

/** What a command needs of the outside beside hosts and API: someone to ask, and somewhere to tell. */
export interface Surroundings extends Listener {
  /** Shows what becomes of what dead runs left, a line each, and asks. */
  approveRecovery: (lines: readonly string[]) => Promise<boolean>
  /** Shows the plan and asks; false ends the command untouched. */
  approve: (plan: Plan) => Promise<boolean>
  /** Told before a plan runs; returns where its events go. */
  watch: (plan: Plan) => { emit: Emit; done: () => Promise<void> | void }
}
