import type { Host } from '../../src/inventory/types.js'
import type { HostTransaction, HostWork, Phase, Plan } from '../../src/plan/types.js'
import { hostNamed } from './facts.js'

const redirect: HostTransaction = {
  kind: 'hub',
  verb: 'convert',
  steps: [{ kind: 'restart-kubelet', through: 'hub', server: '', timeoutSeconds: 1, reason: 'to test' }],
  cleanup: [],
  deadlineSeconds: 1,
}

/** A host's part of a phase whose kubelet is restarted. */
export function workOf(host: string, changes: Partial<HostWork> = {}): HostWork {
  return { host, node: host, transaction: redirect, after: [], forget: false, notes: [], ...changes }
}

/** A phase that goes in waves. */
export function phaseOf(title: string, hosts: readonly string[], changes: Partial<Phase> = {}): Phase {
  const work = hosts.map((host) => workOf(host))
  return { title, kind: 'hosts', order: 'parallel', onFailure: 'go-on', work, ...changes } as Phase
}

export function planOf(...phases: Phase[]): Plan {
  return { verb: 'convert', release: 'v0.6.1', phases, notes: [] }
}

/** `prefix-1` … */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`)
}

/** Hosts of an inventory by name, each in the groups given. */
export function inGroups(groups: Record<string, string[]>): Host[] {
  return Object.entries(groups).map(([name, list]) => ({ ...hostNamed(name), groups: list }))
}
