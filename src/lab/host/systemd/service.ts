import type { LoadedUnit } from './unit-files.js'

export type ActiveState = 'inactive' | 'active' | 'activating' | 'deactivating' | 'failed'

/** A service that systemd drives. */
export interface Service {
  state(): ActiveState
  /** 0 while it has no main process. */
  mainPid(): number
  /** Resolves once it is started, or failed to; a service that runs stays as it is. */
  start(unit: LoadedUnit): Promise<{ problem?: string }>
  /** Resolves once it is down. */
  stop(): Promise<void>
  /** The end of the lab: at once, without ExecStopPost. */
  kill(): Promise<void>
}
