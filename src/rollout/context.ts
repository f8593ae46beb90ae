import type { Cluster } from '../cluster/types.js'
import type { HostTransaction, HostWork } from '../plan/types.js'
import type { HostSession } from '../ssh/types.js'
import type { Emit } from './events.js'
import type { ScriptContext } from './scripts.js'

/** What the work on a host needs of the run. */
export interface HostContext {
  cluster: Cluster
  /** The host's session; opened again when its link was lost. */
  connect: (host: string) => Promise<HostSession>
  /** What takes a host back when it committed and the API disagrees. */
  planUndo: (work: HostWork) => Promise<HostTransaction | undefined>
  script: Omit<ScriptContext, 'node'>
  emit: Emit
}
