import type { HostStep } from '../plan/types.js'

/** What a run tells while it goes on; a report draws them, nothing reads them back. */
export type RunEvent =
  | { type: 'phase'; title: string; index: number; count: number; hosts: number }
  | { type: 'phase-done'; title: string; seconds: number }
  /** `index` counts from 0; told only of phases with more than one wave. */
  | { type: 'wave'; index: number; count: number; hosts: number }
  | { type: 'host'; host: string; title: string }
  | { type: 'host-step'; host: string; step: HostStep }
  /** A line that the host's transaction printed, as it came. */
  | { type: 'host-output'; host: string; line: string }
  /** It has committed; the API is asked whether it agrees. */
  | { type: 'host-confirm'; host: string }
  | { type: 'host-done'; host: string; status: HostStatus; seconds: number; message?: string }
  | { type: 'cluster-step'; text: string }
  | { type: 'note'; text: string; host?: string }

export type HostStatus = 'changed' | 'unchanged' | 'failed' | 'unreachable' | 'skipped'

export type Emit = (event: RunEvent) => void
