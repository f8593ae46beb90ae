import { hasRedirect, removeRedirect } from '../node/kubeadm-flags.js'
import { serverOf } from '../node/kubeconfig.js'
import { lastFlag } from '../node/kubelet-unit.js'
import type { FileFact, HostFacts, JournalWrite } from '../node/types.js'
import { isEditedDropIn, restoreDropIn } from '../node/yurtctl.js'
import type { HubRelease } from '../releases/types.js'
import { removal, replaced } from './files.js'
import { convertedByUs, foreignConversion } from './foreign.js'
import { isHubAddress, restartPods } from './host-convert.js'
import { flavourOf } from './hub-flavours/flavours.js'
import type { PlanOptions } from './options.js'
import type { HostStep, HostTransaction } from './types.js'

const kubeletTimeoutSeconds = 180
const hubGoneTimeoutSeconds = 120
const spareSeconds = 300

export interface HostRevert {
  transaction?: HostTransaction
  /** Where an original could not be restored and only our change was taken out. */
  notes: string[]
}

/**
 * Takes a host off its hub: first the kubelet, undone together if that cannot be proven; once it is, the hub and what it
 * left, which may be repeated. Nothing that is absent is missed.
 */
export function planHostRevert(facts: HostFacts, options: PlanOptions): HostRevert {
  const notes: string[] = []
  const adopted = options.adopt && foreignConversion(facts, options.release)?.adoptable === true
  const steps = takeKubeletOff(facts, options, adopted, notes)
  const cleanup = [
    ...takeHubDown(facts, options, adopted),
    ...restartPods(
      options.restartPods ? stalePods(facts, options.release.hub) : [],
      'their containers look for the API server at the hub',
    ),
  ]
  if (steps.length === 0 && cleanup.length === 0) return { notes }
  return {
    notes: [...howNotes(facts, options, adopted), ...notes],
    transaction: {
      kind: 'hub',
      verb: 'revert',
      steps,
      cleanup,
      deadlineSeconds: kubeletTimeoutSeconds + hubGoneTimeoutSeconds + spareSeconds,
    },
  }
}

/** How the plan came about where journals do not tell. */
function howNotes(facts: HostFacts, { release }: PlanOptions, adopted: boolean): string[] {
  const { state } = facts
  if (adopted)
    return [
      `${flavourOf(release).definition(facts).path}: yurtctl converted it; exactly its edits are taken out`,
    ]
  const how = 'what is recognisably ours is taken out, nothing is guessed'
  if (state.journals.length === 0) return [`it has no journal of its conversion: ${how}`]
  return state.journals
    .filter(({ intact, result }) => !intact && result !== 'undone')
    .map(({ id }) => `the journal of ${id} is damaged: ${how}`)
}

/** UIDs of pods whose containers reach the API server through the hub, and no other way. */
export function stalePods(facts: HostFacts, hub: HubRelease): string[] {
  return facts.pods.filter((pod) => isHubAddress(pod.serviceHost, hub)).map((pod) => pod.uid)
}

function takeKubeletOff(
  facts: HostFacts,
  options: PlanOptions,
  adopted: boolean,
  notes: string[],
): HostStep[] {
  const { flags, kubeconfig } = facts.files
  const ours = options.release.hub.kubeconfig
  const redirected = hasRedirect(flags.content, ours)
  const running = lastFlag(facts.kubelet.commandLine, 'kubeconfig') === ours
  const dropIn = adopted ? putDropInBack(facts, ours) : []
  if (!redirected && !running && dropIn.length === 0) return []
  const mark: HostStep = { kind: 'undo-restarts-kubelet', reason: 'an undo puts the kubelet back on the hub' }
  return [
    mark,
    ...dropIn,
    ...(redirected
      ? [
          restoreOriginal(
            flags,
            facts,
            removeRedirect(flags.content ?? '', ours),
            'the kubelet takes its own kubeconfig again',
            notes,
          ),
        ]
      : []),
    {
      kind: 'restart-kubelet',
      through: 'api',
      server: serverOf(kubeconfig),
      timeoutSeconds: kubeletTimeoutSeconds,
      reason: 'and must prove that it talks to the API server itself',
    },
  ]
}

/** Takes yurtctl v0.5's edit out of the kubelet's drop-in. */
function putDropInBack({ files: { dropIn, dropInBackup } }: HostFacts, ours: string): HostStep[] {
  if (!isEditedDropIn(dropIn, dropInBackup, ours)) return []
  return [
    {
      reason: 'the kubelet takes its own kubeconfig again',
      ...replaced(dropIn, dropIn.path, restoreDropIn(dropIn, dropInBackup, ours), '0644'),
    },
    { reason: "yurtctl's copy of it", ...removal(dropInBackup) },
  ]
}

/**
 * The file as it was before us. With our bytes still in place that is the backup, or its absence; otherwise somebody
 * changed it since: then only our own change is taken out, and the report says so.
 */
export function restoreOriginal(
  fact: FileFact,
  facts: HostFacts,
  withoutOurs: string,
  reason: string,
  notes: string[],
): HostStep {
  const write = lastWriteOf(facts, fact)
  if (write?.before === 'absent') return { reason, ...removal(fact) }
  const current = {
    path: fact.path,
    before: fact.sha256 ?? 'absent',
    ...(fact.content === undefined ? {} : { beforeContent: fact.content }),
  }
  const kept = { mode: fact.mode ?? '0644', uid: fact.uid ?? 0, gid: fact.gid ?? 0 }
  if (write?.backup !== undefined) {
    // we kept mode and owner: what differs now is somebody else's change
    if (kept.mode !== write.mode || kept.uid !== write.uid || kept.gid !== write.gid)
      notes.push(`${fact.path}: its mode or owner was changed since it was converted, and stays as it is`)
    return { kind: 'write-file', ...current, content: write.backup, ...kept, reason }
  }
  notes.push(
    `${fact.path}: ${write === undefined && facts.state.journals.every(({ intact }) => intact) && facts.state.journals.length > 0 ? 'changed since it was converted' : 'its backup is gone or damaged'}; only our own change is taken out`,
  )
  return {
    kind: 'write-file',
    ...current,
    content: withoutOurs,
    ...kept,
    reason,
  }
}

/** The committed write whose result is what stands in the file now. */
function lastWriteOf(facts: HostFacts, fact: FileFact): JournalWrite | undefined {
  return facts.state.journals
    .filter((journal) => journal.verb === 'convert' && journal.result !== 'undone')
    .flatMap((journal) => journal.writes)
    .findLast((write) => write.path === fact.path && write.after === fact.sha256)
}

function takeHubDown(facts: HostFacts, options: PlanOptions, adopted: boolean): HostStep[] {
  const { hub } = options.release
  const flavour = flavourOf(options.release)
  const { ourKubeconfig, openyurtDir, hubRoot, hubCache } = facts.files
  if (!adopted && !convertedByUs(facts, options.release)) return []
  const running = flavour.definition(facts).state === 'file' || facts.hubHealth !== '000'
  const steps: HostStep[] = []
  if (ourKubeconfig.state === 'file')
    steps.push({ reason: 'no kubelet uses it any more', ...removal(ourKubeconfig) })
  if (openyurtDir.state === 'directory' && journaled(facts, 'directories', hub.openyurtDir)) {
    steps.push({ kind: 'remove-directory-if-empty', path: hub.openyurtDir, reason: 'nothing of ours stays' })
  }
  steps.push(...flavour.down(facts))
  if (running) {
    steps.push({
      kind: 'wait-hub-gone',
      timeoutSeconds: hubGoneTimeoutSeconds,
      reason: 'it would write its directories again',
    })
  }
  if (running || facts.hubRules > 0) {
    steps.push({
      kind: 'clean-network',
      hubInterface: hubInterface(facts),
      reason: 'a hub that was killed leaves rules and its interface',
    })
  }
  if (hubRoot.state === 'directory' && journaled(facts, 'trees', hub.root))
    steps.push({ kind: 'remove-tree', path: hub.root, reason: "the hub's certificates" })
  if (hubCache.state === 'directory' && journaled(facts, 'trees', hub.cache))
    steps.push({ kind: 'remove-tree', path: hub.cache, reason: "the hub's cache" })
  return steps
}

/** Whether the tunnel left something that a second visit would take away. */
export function hasTunnelLeftovers(facts: HostFacts): boolean {
  return planTunnelLeftovers(facts) !== undefined
}

/** The second visit, once the tunnel's pods are gone; absent when the host has nothing of theirs. */
export function planTunnelLeftovers(facts: HostFacts): HostTransaction | undefined {
  if (facts.state.journals.length === 0) return undefined
  const cleanup: HostStep[] = facts.tunnelDirectories.map((path) => ({
    kind: 'remove-tree',
    path,
    reason: "the tunnel's certificates",
  }))
  if (facts.tunnelChains > 0)
    cleanup.push({ kind: 'clean-tunnel-chains', reason: "the tunnel server's nat rules break logs and exec" })
  if (cleanup.length === 0) return undefined
  return { kind: 'tunnel', verb: 'revert', steps: [], cleanup, deadlineSeconds: spareSeconds }
}

/** A hub that was put back may have found the interface of the one before it, which is ours too. */
function hubInterface({ state }: HostFacts): 'keep' | 'remove' {
  const found = state.journals.flatMap((journal) => journal.hubInterface ?? [])
  return found.length === 0 || found.includes('remove') ? 'remove' : 'keep'
}

/** Only what a conversion of ours made; everything where none tells, and the hub is recognisably ours or adopted. */
function journaled({ state }: HostFacts, kind: 'directories' | 'trees', path: string): boolean {
  return (
    state.journals.every(({ verb, intact }) => verb !== 'convert' || !intact) ||
    state.journals.some((journal) => journal[kind].includes(path))
  )
}
