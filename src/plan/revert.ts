import type { Component } from '../cluster/components.js'
import { isOurs } from '../cluster/ownership.js'
import {
  type ClusterStep,
  type KubeObject,
  type NodeChange,
  type ObjectRef,
  refKey,
  refOf,
} from '../cluster/types.js'
import type { HostFacts } from '../node/types.js'
import { everyComponent, metadataStep, withoutEmpty } from './convert.js'
import { type Fleet, type FleetMember, hasHub, isNodeGone, nodeReady, type Stray, workOf } from './fleet.js'
import { hasTunnelLeftovers, planHostRevert, planTunnelLeftovers, stalePods } from './host-revert.js'
import { lifecyclePhases, lifecycleWork } from './lifecycle.js'
import type { PlanOptions } from './options.js'
import type { HostWork, Phase, Plan } from './types.js'

/**
 * What takes OpenYurt out of this cluster again; no phase when nothing of ours is left. Hosts first, one by one off
 * their hubs; the rest only once no host is left on one: `held` names those that stay converted.
 */
export function planRevert(fleet: Fleet, selected: ReadonlySet<string>, options: PlanOptions): Plan {
  const isChosen = ({ host }: Stray): boolean =>
    selected.has(host.name) && !options.leaveBehind.includes(host.name)
  const held = heldUp(fleet, selected, options)
  const whole = held.length === 0
  return {
    verb: 'revert',
    release: options.release.name,
    phases: revertPhases(fleet, isChosen, whole, options),
    notes: [...waitNotes(fleet, held, options), ...leftBehindNotes(options), ...tokenNotes(fleet, options)],
  }
}

/** Why the cluster's part does not come now, for whom it waits, and the way without them. */
function waitNotes(fleet: Fleet, held: readonly string[], options: PlanOptions): string[] {
  if (held.length === 0) return []
  if (revertPhases(fleet, () => false, true, options).length === 0)
    return [`whether anything of a conversion is left there is not known: ${held.join(', ')}`]
  // one that is there is to be reverted, not to be left
  const gone = new Set(fleet.unreachable.map(({ name }) => name))
  const names = held.filter((name) => gone.has(name))
  const without = names.length === 0 ? '' : `; without them: revert --leave-behind ${names.join(',')}`
  return [
    `the cluster's part waits until these are reverted too${names.length === 0 ? '' : ', or left behind'}: ${held.join(', ')}${without}`,
  ]
}

/** What it means to go on without a host, for the record. */
function leftBehindNotes({ leaveBehind }: PlanOptions): string[] {
  if (leaveBehind.length === 0) return []
  return [
    `left behind: ${leaveBehind.join(', ')}. Their kubelets stay on hubs that lose their rights in the cluster, and the stock node lifecycle evicts the pods of an autonomous node that is offline`,
  ]
}

/** Tokens that never expire, as yurtctl makes them, and where they stand. */
function tokenNotes({ belongings, members }: Fleet, { adopt }: PlanOptions): string[] {
  if (!adopt) return []
  return belongings.lastingTokens.map((id) => {
    const hosts = members.filter(({ facts }) => facts.hubTokenId === id).map(({ host }) => host.name)
    const places = hosts.length === 0 ? '' : ` It stands in the hub's manifest on ${hosts.join(', ')}.`
    return `bootstrap token ${id} never expires and stays.${places} Once nothing uses it: kubectl -n kube-system delete secret bootstrap-token-${id}`
  })
}

function revertPhases(
  fleet: Fleet,
  isChosen: (host: Stray) => boolean,
  whole: boolean,
  options: PlanOptions,
): Phase[] {
  const hosts = [
    ...fleet.members.filter(isChosen).map((member) => hostWork(fleet, member, whole, options)),
    ...fleet.strays
      .filter((stray) => isChosen(stray) && isNodeGone(stray))
      .map((stray) => strayWork(fleet, stray, whole, options)),
  ]
  const cluster = whole ? clusterSteps(fleet, options) : []
  const controllerManagers = whole ? lifecycleWork(fleet, 'on', options) : []
  return withoutEmpty([
    { title: 'hosts', kind: 'hosts', order: 'parallel', onFailure: 'finish-phase', work: hosts },
    ...lifecyclePhases(fleet, controllerManagers, cluster.length > 0),
    { title: 'OpenYurt components', kind: 'cluster', steps: cluster },
    { title: 'cloud labels', kind: 'cluster', steps: whole ? cloudLabels(fleet, options) : [] },
    {
      title: 'leftovers',
      kind: 'hosts',
      order: 'parallel',
      onFailure: 'go-on',
      work: whole ? leftovers(fleet, options) : [],
    },
  ])
}

/**
 * Inventory names of hosts that stay on a hub, or may, and hold the cluster's part up: those left out by
 * --limit, not reached, unlisted or under a wrong node name, but for those that the operator leaves behind. A host
 * whose Node was deleted is taken off its hub as any other.
 */
export function heldUp(fleet: Fleet, selected: ReadonlySet<string>, options: PlanOptions): string[] {
  const leftOut = fleet.members.filter(
    ({ host, facts }) => !selected.has(host.name) && hasHub(facts, options.release),
  )
  const strays = fleet.strays.filter(
    (stray) => hasHub(stray.facts, options.release) && !(selected.has(stray.host.name) && isNodeGone(stray)),
  )
  const unlisted = fleet.unlisted.filter(({ labels }) => labels[options.release.edgeWorkerLabel] === 'true')
  const hosts = [...leftOut, ...strays].map(({ host }) => host).concat(fleet.unreachable)
  return [
    ...hosts.map(({ name }) => name).filter((name) => !options.leaveBehind.includes(name)),
    ...unlisted.map(({ name }) => `node ${name}, which the inventory lacks`),
  ]
}

/** An edge host loses label and annotation with its hub, after its proof. */
function hostWork(fleet: Fleet, member: FleetMember, whole: boolean, options: PlanOptions): HostWork {
  const { facts, controlPlane } = member
  const { transaction, notes } = planHostRevert(facts, options)
  return {
    ...workOf(member),
    notes: [...notes, ...stalePodNotes(fleet, member, options)],
    ...(transaction === undefined ? {} : { transaction, confirm: nodeReady(member, transaction) }),
    after: member.node.labels[options.release.edgeWorkerLabel] === 'false' ? [] : unlabel(member, options),
    forget: !whole && !controlPlane && mayForget(facts),
  }
}

/** A host whose Node was deleted: its own traces tell what to take out, and the API is asked nothing about it. */
function strayWork(fleet: Fleet, stray: Stray, whole: boolean, options: PlanOptions): HostWork {
  const { host, facts } = stray
  const { transaction, notes } = planHostRevert(facts, options)
  return {
    ...workOf(stray),
    notes: [
      `the cluster has no node ${host.node} any more: there is no label to take away, and its kubelet registers it anew when it starts`,
      ...notes,
      ...stalePodNotes(fleet, stray, options),
    ],
    ...(transaction === undefined ? {} : { transaction }),
    forget: !whole && mayForget(facts),
  }
}

/** Our folder stays as long as it proves whose the tunnel's traces are, which go with the cluster's part. */
function mayForget(facts: HostFacts): boolean {
  return facts.state.format !== '' && !hasTunnelLeftovers(facts)
}

/** Names the pods that lose the API server with the hub. */
function stalePodNotes(
  { belongings }: Fleet,
  { facts }: Stray,
  { release, restartPods }: PlanOptions,
): string[] {
  const names = stalePods(facts, release.hub).map((uid) => belongings.podNames.get(uid) ?? `pod ${uid}`)
  if (names.length === 0) return []
  const what = `${names.join(', ')} ${names.length === 1 ? 'looks' : 'look'} for the API server at the hub`
  return [
    restartPods ? `${what} and will be restarted` : `${what} and will lose it: restart with --restart-pods`,
  ]
}

function unlabel({ node }: FleetMember, options: PlanOptions): NodeChange[] {
  const reason = 'as before the conversion'
  return [
    ...metadataStep('label', node, options.release.edgeWorkerLabel, null, { reason }),
    ...metadataStep('annotate', node, options.release.autonomyAnnotation, null, { reason }),
  ]
}

function cloudLabels({ cluster }: Fleet, { release }: PlanOptions): ClusterStep[] {
  const reason = 'as before the conversion'
  const nodes = cluster.nodes.filter(({ labels }) => labels[release.edgeWorkerLabel] === 'false')
  return nodes.flatMap((node) => metadataStep('label', node, release.edgeWorkerLabel, null, { reason }))
}

/**
 * Component by component, the last one made first: its objects, then what it made itself once its pods are gone, for
 * they would write it again. What an earlier run did not come to is found without them: pods that are still there, and
 * what they left, unless a component of somebody else stands in their place.
 */
function clusterSteps(fleet: Fleet, options: PlanOptions): ClusterStep[] {
  const mayGo = options.adopt ? isOursOrNobodys : isOurs
  const lock = options.adopt ? removal(fleet, yurtctlLock, () => true) : []
  const steps = everyComponent(fleet.cluster.apiVersions, options)
    .toReversed()
    .flatMap((component) => {
      const removals = component.objects
        .toReversed()
        .flatMap((object) => removal(fleet, refOf(object), mayGo))
      const pods = fleet.belongings.lonePods.get(component.pods ?? '')
      if (removals.length === 0 && (pods === 'running' || stands(fleet, component))) return []
      const left = component.leftovers.flatMap((ref) =>
        pods === 'ending' ? [removalOf(fleet, ref)] : removal(fleet, ref, () => true),
      )
      const waits = removals.length + left.length > 0 || pods === 'ending' ? podsGone(component) : []
      return [...removals, ...waits, ...left]
    })
  return [...steps, ...lock]
}

/** Whether an object of it is there, ours or somebody else's. */
function stands({ cluster }: Fleet, { objects }: Component): boolean {
  return objects.some((object) => (cluster.objects[refKey(refOf(object))] ?? null) !== null)
}

/** What yurtctl makes carries no label of a manager. */
function isOursOrNobodys(object: KubeObject): boolean {
  return isOurs(object) || object.metadata.labels?.['app.kubernetes.io/managed-by'] === undefined
}

/** yurtctl's own lock, which it leaves behind. */
export const yurtctlLock: ObjectRef = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: 'yurtctl-lock',
}

function removal(fleet: Fleet, ref: ObjectRef, mayGo: (object: KubeObject) => boolean): ClusterStep[] {
  const before = fleet.cluster.objects[refKey(ref)] ?? null
  return before === null || !mayGo(before) ? [] : [removalOf(fleet, ref)]
}

function removalOf({ cluster }: Fleet, ref: ObjectRef): ClusterStep {
  return {
    kind: 'delete',
    ref,
    before: cluster.objects[refKey(ref)] ?? null,
    reason: 'as before the conversion',
  }
}

function podsGone({ name, pods }: Component): ClusterStep[] {
  if (pods === undefined) return []
  return [
    {
      kind: 'wait-pods-gone',
      namespace: 'kube-system',
      selector: pods,
      timeoutSeconds: 180,
      reason: `${name} writes to the API until then`,
    },
  ]
}

/** Second visit: what the tunnel's pods left, once they are gone, and our own folder. */
function leftovers(fleet: Fleet, options: PlanOptions): HostWork[] {
  const reverted = [...fleet.members, ...fleet.strays.filter(isNodeGone)].filter(
    ({ host }) => !options.leaveBehind.includes(host.name),
  )
  return reverted.map((member) => {
    const transaction = planTunnelLeftovers(member.facts)
    const worked = planHostRevert(member.facts, options).transaction !== undefined
    const forget = member.facts.state.format !== '' || worked || transaction !== undefined
    return { ...workOf(member), ...(transaction === undefined ? {} : { transaction }), forget }
  })
}
