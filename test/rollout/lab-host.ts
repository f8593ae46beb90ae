import { onTestFinished } from 'vitest'
import type { Host } from '../../src/inventory/types.js'
import type { HostFacts } from '../../src/node/types.js'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import type { PlanOptions } from '../../src/plan/options.js'
import type { HostStep, HostTransaction } from '../../src/plan/types.js'
import { findRelease, qualifiedImage } from '../../src/releases/release.js'
import type { ScriptContext } from '../../src/rollout/scripts.js'
import { type HostFile, hostFiles } from '../support/host-files.js'
import { createShellHost, type ShellHost, type ShellKind } from '../support/shell-host.js'

export const release = findRelease('v0.6.1')

export const options: PlanOptions = {
  release,
  images: release.images,
  deployTunnel: false,
  enableAppManager: false,
  hubTimeoutSeconds: 4,
  joinToken: false,
  restartPods: false,
  leaveBehind: [],
}

export const edge1: Host = {
  name: 'edge-1',
  node: 'edge-1',
  role: 'edge',
  groups: [],
  hub: true,
  hubArgs: [],
  position: { file: 'inventory.yaml', line: 1, column: 1 },
  ssh: {
    address: '192.0.2.11',
    port: 22,
    user: 'root',
    identityFile: [],
    identitiesOnly: false,
    knownHosts: [],
    strictHostKeyChecking: 'strict',
    connectTimeout: 10,
  },
}

export const context: ScriptContext = {
  runId: '20260102t030405-abcd',
  node: 'edge-1',
  ourKubeconfig: release.hub.kubeconfig,
}

/** A shell host that goes with its test. */
export function host(kind: ShellKind, files: readonly HostFile[] = hostFiles.edge): ShellHost {
  const made = createShellHost(kind, files)
  onTestFinished(made.remove)
  return made
}

export function factsOf(shellHost: ShellHost): Promise<HostFacts> {
  const { kubeconfig, openyurtDir, root, cache } = release.hub
  return shellHost.facts({
    node: 'edge-1',
    images: [qualifiedImage(release.images.yurthub)],
    servers: [],
    paths: { ourKubeconfig: kubeconfig, openyurtDir, hubRoot: root, hubCache: cache },
  })
}

export async function conversion(shellHost: ShellHost): Promise<HostTransaction> {
  return impatient(hubTransaction(edge1, await factsOf(shellHost), options))
}

export async function reversion(shellHost: ShellHost): Promise<HostTransaction> {
  return impatient(planHostRevert(await factsOf(shellHost), options).transaction)
}

/** With waits of seconds where a plan has minutes. */
export function impatient(transaction: HostTransaction | undefined): HostTransaction {
  if (transaction === undefined) throw new Error('there is nothing to do')
  const shorten = (step: HostStep): HostStep =>
    'timeoutSeconds' in step ? { ...step, timeoutSeconds: Math.min(step.timeoutSeconds, 20) } : step
  return {
    ...transaction,
    steps: transaction.steps.map(shorten),
    cleanup: transaction.cleanup.map(shorten),
  }
}
