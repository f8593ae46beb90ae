import type { Host } from '../../inventory/types.js'
import type { FileFact, HostFacts } from '../../node/types.js'
import type { Release } from '../../releases/types.js'
import type { PlanOptions } from '../options.js'
import type { HostStep } from '../types.js'

/**
 * How a hub runs on a node: all that plan, preflight and status know of it. What the host's scripts know of it stands in
 * templates/host/hub/<flavour>.
 */
export interface HubFlavour {
  /** The file that starts it: where it is there, a hub is. */
  definition: (facts: HostFacts) => FileFact
  /** Images that it runs from. */
  images: (options: PlanOptions) => string[]
  /**
   * Steps that start it where there is none. What grows is owned first, and a mark for an undo stands before the step
   * that starts it; the wait for it comes after them.
   */
  up: (host: Host, facts: HostFacts, options: PlanOptions) => HostStep[]
  /** Steps that stop it, no kubelet being on it any more; the wait until it is gone comes after them. */
  down: (facts: HostFacts) => HostStep[]
  /** Whether the hub there is the one that `up` would start; its token does not count. */
  matches: (host: Host, facts: HostFacts, options: PlanOptions) => boolean
  /** What the API must show of it on a node once it runs, beside a Ready Node. */
  confirmation: (node: string, release: Release) => { mirrorPod?: string }
}
