import type { Host } from '../src/inventory/types.js'
import type { Recording, ReplayRole, RoleRecording } from '../src/lab/replay/recording.js'
import { parseFacts } from '../src/node/facts.js'
import { factsScript } from '../src/node/facts-script.js'
import type { HostFacts } from '../src/node/types.js'
import { planLifecycleOff, planLifecycleOn } from '../src/plan/controller-manager.js'
import { hubTransaction } from '../src/plan/host-convert.js'
import { planHostRevert } from '../src/plan/host-revert.js'
import { neededImages } from '../src/plan/images.js'
import type { PlanOptions } from '../src/plan/options.js'
import type { HostTransaction } from '../src/plan/types.js'
import { findRelease } from '../src/releases/release.js'
import { followScript, transactionScripts } from '../src/rollout/scripts.js'
import type { HostSession } from '../src/ssh/types.js'
import { hostFiles } from '../test/support/host-files.js'
import { createShellHost, hasShell, shellKinds } from '../test/support/shell-host.js'

const release = findRelease('v0.6.1')
const options: PlanOptions = {
  release,
  images: release.images,
  deployTunnel: false,
  enableAppManager: false,
  hubTimeoutSeconds: 180,
  joinToken: false,
  restartPods: false,
  adopt: false,
  leaveBehind: [],
}

/** What the scripts of a run print on a host of each role: a folder with a real shell, at the time of the benchmark. */
export async function recordReplay(): Promise<Recording> {
  const [edge, cloud, controlPlane] = await Promise.all([
    recordRole('edge'),
    recordRole('cloud'),
    recordRole('control-plane'),
  ])
  return { edge, cloud, 'control-plane': controlPlane }
}

async function recordRole(role: ReplayRole): Promise<RoleRecording> {
  const kind = shellKinds.find(hasShell)
  if (kind === undefined) throw new Error('neither dash nor busybox is installed')
  const host: Host = {
    name: 'edge-1',
    node: 'edge-1',
    role: role === 'edge' ? 'edge' : 'cloud',
    groups: [],
    hub: role !== 'control-plane',
    hubArgs: [],
    ssh: {
      address: '',
      port: 22,
      user: 'root',
      identityFile: [],
      identitiesOnly: true,
      knownHosts: [],
      strictHostKeyChecking: 'strict',
      connectTimeout: 20,
    },
    position: { file: '', line: 1, column: 1 },
  }
  const machine = createShellHost(kind, role === 'control-plane' ? hostFiles.controlPlane : hostFiles.edge)
  const session = machine.connect()
  const read = async (): Promise<string> =>
    run(
      session,
      factsScript({
        node: host.node,
        images: neededImages(host, role === 'control-plane', options),
        servers: [],
        release,
      }),
    )
  const change = async (transaction: HostTransaction | undefined): Promise<string> => {
    if (transaction === undefined) throw new Error(`nothing to record on a host of role ${role}`)
    const context = { runId: `recorded-${transaction.verb}`, node: host.node, release }
    const { id, launch } = transactionScripts(transaction, context)
    await run(session, launch)
    const output = await run(session, followScript(id))
    await machine.settled()
    return output
  }
  const there = (facts: HostFacts) =>
    role === 'control-plane' ? planLifecycleOff(facts, release) : hubTransaction(host, facts, options)
  const back = (facts: HostFacts) =>
    role === 'control-plane' ? planLifecycleOn(facts, []) : planHostRevert(facts, options).transaction
  try {
    const native = await read()
    const convert = await change(there(parseFacts(native)))
    const converted = await read()
    const revert = await change(back(parseFacts(converted)))
    const reverted = await read()
    return { hostname: 'edge-1', facts: { native, converted, reverted }, transactions: { convert, revert } }
  } finally {
    session.close()
    machine.remove()
  }
}

async function run(session: HostSession, script: string): Promise<string> {
  const { status, stdout, stderr } = await session.run(script, { timeoutSeconds: 120 })
  if (status !== 0) throw new Error(`recording: status ${status}: ${stderr}`)
  return stdout
}
