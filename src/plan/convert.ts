import { type Component, components } from '../cluster/components.js'
import { objectDiff } from '../cluster/diff.js'
import {
  type ClusterFacts,
  type ClusterStep,
  type NodeChange,
  type NodeInfo,
  refKey,
  refOf,
} from '../cluster/types.js'
import { type Fleet, type FleetMember, getsHub, nodeReady, workOf } from './fleet.js'
import { hubTransaction } from './host-convert.js'
import { flavourOf } from './hub-flavours/flavours.js'
import { lifecyclePhases, lifecycleWork } from './lifecycle.js'
import type { PlanOptions } from './options.js'
import type { HostWork, Phase, Plan } from './types.js'

/**
 * What turns this cluster into an OpenYurt cluster; no phase when it is one. The order keeps the node lifecycle owned
 * at every moment, and no hub is started before the one who approves its certificate holds its Lease.
 * `selected` are the inventory names that --limit leaves; the control plane is worked whatever it says.
 */
export function planConvert(fleet: Fleet, selected: ReadonlySet<string>, options: PlanOptions): Plan {
  const chosen = fleet.members.filter(({ host }) => selected.has(host.name))
  const wanted = wantedComponents(fleet, options)
  const controllerManagers = lifecycleWork(fleet, 'off', options)
  const edge = chosen.filter(({ host }) => host.role === 'edge').map((member) => edgeWork(member, options))
  const cloud = chosen.filter(({ host }) => host.role === 'cloud').map((member) => cloudWork(member, options))
  const labels = fleet.cloudNodes.flatMap((node) => labelStep(node, 'false', options))
  const objects = applySteps(wanted, fleet.cluster)
  const hosts = [...controllerManagers, ...edge, ...cloud].filter(hasWork)
  const changes = labels.length + objects.length + hosts.length > 0
  return {
    verb: 'convert',
    release: options.release.name,
    notes: [],
    phases: withoutEmpty([
      { title: 'label cloud nodes', kind: 'cluster', steps: labels },
      {
        title: 'OpenYurt components',
        kind: 'cluster',
        steps: changes ? [...objects, ...wanted.flatMap((component) => component.waits)] : [],
      },
      ...lifecyclePhases(
        fleet,
        controllerManagers,
        options.release.lifecycle.stock === 'off' &&
          [...edge, ...cloud].some(({ transaction }) => transaction !== undefined),
      ),
      { title: 'edge hosts', kind: 'hosts', order: 'parallel', onFailure: 'go-on', work: edge },
      { title: 'cloud hosts', kind: 'hosts', order: 'parallel', onFailure: 'go-on', work: cloud },
    ]),
  }
}

/** What the API server will be asked for besides: labels and annotations of cloud nodes and of chosen edge hosts. */
export function nodeChanges(
  { members, cloudNodes }: Fleet,
  selected: ReadonlySet<string>,
  options: PlanOptions,
): NodeChange[] {
  const edge = members.filter(({ host }) => selected.has(host.name) && host.role === 'edge')
  return [
    ...cloudNodes.flatMap((node) => labelStep(node, 'false', options)),
    ...edge.flatMap(({ node }) => edgeChanges(node, options)),
  ]
}

/** The components that the options ask for, on the API versions that this server has. */
export function wantedComponents(fleet: Fleet, options: PlanOptions): Component[] {
  return components({
    release: options.release,
    images: options.images,
    deployTunnel: options.deployTunnel,
    ...(options.tunnelServerAddress === undefined
      ? {}
      : { tunnelServerAddress: options.tunnelServerAddress }),
    enableAppManager: options.enableAppManager,
    apiVersions: fleet.cluster.apiVersions,
    controlPlaneWithoutHub: fleet.members.some((member) => member.controlPlane && !member.host.hub),
  })
}

/** Every component of the release, whatever the options ask for: what a plan must know the live state of. */
export function everyComponent(apiVersions: readonly string[], options: PlanOptions): Component[] {
  const { release, images } = options
  return components({
    release,
    images,
    deployTunnel: true,
    enableAppManager: true,
    apiVersions: [...apiVersions],
    controlPlaneWithoutHub: true,
  })
}

/** Objects that are not as they should be. */
export function applySteps(
  wanted: readonly Component[],
  cluster: ClusterFacts,
): (ClusterStep & { kind: 'apply' })[] {
  return wanted.flatMap((component) =>
    component.objects.flatMap((object): (ClusterStep & { kind: 'apply' })[] => {
      const before = cluster.objects[refKey(refOf(object))] ?? null
      return objectDiff(object, before) === 'same'
        ? []
        : [{ kind: 'apply', object, before, reason: component.name }]
    }),
  )
}

function edgeWork(member: FleetMember, options: PlanOptions): HostWork {
  return { ...hubWork(member, options), after: edgeChanges(member.node, options) }
}

/** Labelled as edge only once it is edge: earlier the label would tempt the scheduler and other controllers. */
function edgeChanges(node: NodeInfo, options: PlanOptions): NodeChange[] {
  const { autonomyAnnotation, autonomyValue } = options.release
  const autonomous = options.autonomousNodes?.includes(node.name) ?? true
  const reason = autonomous
    ? 'its pods stay when its link to the cloud is gone'
    : 'not among the autonomous nodes'
  return [
    ...labelStep(node, 'true', options),
    ...metadataStep('annotate', node, autonomyAnnotation, autonomous ? autonomyValue : null, { reason }),
  ]
}

function cloudWork(member: FleetMember, options: PlanOptions): HostWork {
  return getsHub(member) ? hubWork(member, options) : workOf(member)
}

function hubWork(member: FleetMember, options: PlanOptions): HostWork {
  const transaction = hubTransaction(member.host, member.facts, options)
  if (transaction === undefined) return workOf(member)
  return {
    ...workOf(member),
    transaction,
    confirm: {
      ...flavourOf(options.release).confirmation(member.node.name, options.release),
      ...nodeReady(member, transaction),
    },
  }
}

function labelStep(node: NodeInfo, value: string, options: PlanOptions): NodeChange[] {
  const reason = value === 'true' ? 'it is an edge node now' : 'keeps OpenYurt components on cloud nodes'
  return metadataStep('label', node, options.release.edgeWorkerLabel, value, { reason })
}

/** One label or annotation of a node; nothing when it has the value already. */
export function metadataStep(
  kind: 'label' | 'annotate',
  node: NodeInfo,
  key: string,
  value: string | null,
  { reason }: { reason: string },
): NodeChange[] {
  const before = (kind === 'label' ? node.labels : node.annotations)[key] ?? null
  return before === value ? [] : [{ kind, node: node.name, key, value, before, reason }]
}

/** Whether anything happens for a host. */
export function hasWork(work: HostWork): boolean {
  return work.transaction !== undefined || work.after.length > 0 || work.forget
}

/** Phases with something in them, and in them hosts with something to do. */
export function withoutEmpty(phases: Phase[]): Phase[] {
  return phases
    .map((phase) => (phase.kind === 'hosts' ? { ...phase, work: phase.work.filter(hasWork) } : phase))
    .filter((phase) => (phase.kind === 'hosts' ? phase.work.length > 0 : phase.steps.length > 0))
}
