import semver from 'semver'
import type { Component } from '../cluster/components.js'
import { foreignObjects, isOurs } from '../cluster/ownership.js'
import { type ClusterFacts, refText } from '../cluster/types.js'
import type { Host } from '../inventory/types.js'
import { inWords } from '../node/file-facts.js'
import type { HostFacts } from '../node/types.js'
import type { Release } from '../releases/types.js'
import { counted } from '../words.js'
import { isLost } from './changed.js'
import { attempt, type Check, createChecks, type Expect } from './checks.js'
import { planLifecycleOff, runsControllerManager } from './controller-manager.js'
import type { Fleet } from './fleet.js'
import { convertedByUs } from './foreign.js'
import { flavourOf } from './hub-flavours/flavours.js'
import type { PlanOptions } from './options.js'
import { membershipChecks } from './preflight-inventory.js'
import { rivalsOf } from './preflight-manifests.js'
import { sameClusterCheck } from './same-cluster.js'

/** What must hold of the cluster, and between it and the inventory, before anything is touched. */
export function preflightCluster(
  hosts: readonly Host[],
  selected: ReadonlySet<string>,
  fleet: Fleet,
  wanted: readonly Component[],
  options: PlanOptions,
): Check[] {
  const { list, expect } = createChecks()
  const { cluster } = fleet
  versionCheck(cluster, options, expect)
  nodeChecks(hosts, selected, fleet, options, expect)
  foreignChecks(fleet, wanted, options, expect)
  sameClusterCheck(fleet, expect)
  controlPlaneChecks(fleet, options, expect)
  optionChecks(hosts, options, expect)
  return list
}

function versionCheck(cluster: ClusterFacts, { release }: PlanOptions, expect: Expect): void {
  const version = semver.coerce(cluster.serverVersion)
  expect('ServerVersion', version !== null && semver.satisfies(version, release.kubernetes.range), {
    ok: `Kubernetes ${cluster.serverVersion}`,
    failed: `Kubernetes ${cluster.serverVersion} is outside ${release.kubernetes.range}, which OpenYurt ${release.name} works with`,
    hint: release.kubernetes.hint,
  })
}

/** Names of nodes that are not Ready, but for those whose hub lost its manifest: to put it back is what mends them. */
export function nodesNotReady({ cluster, members }: Fleet, release: Release): Set<string> {
  const mended = new Set(
    members.flatMap(({ facts, node }) =>
      isLost(facts, flavourOf(release).definition(facts)) ? [node.name] : [],
    ),
  )
  const notReady = cluster.nodes.filter(({ name, ready }) => ready !== 'True' && !mended.has(name))
  return new Set(notReady.map(({ name }) => name))
}

function nodeChecks(
  hosts: readonly Host[],
  selected: ReadonlySet<string>,
  fleet: Fleet,
  { release }: PlanOptions,
  expect: Expect,
): void {
  const { cluster } = fleet
  const leftOut = new Set(hosts.filter(({ name }) => !selected.has(name)).map(({ node }) => node))
  const concerned = cluster.nodes.filter((node) => node.controlPlane || !leftOut.has(node.name))
  const sick = nodesNotReady(fleet, release)
  const notReady = concerned.map(({ name }) => name).filter((name) => sick.has(name))
  expect('NodesReady', notReady.length === 0, {
    ok: `${counted(concerned.length, 'node')} Ready`,
    failed: `not Ready: ${notReady.join(', ')}`,
    hint: 'mend these nodes first: a node that is not Ready cannot prove its conversion',
  })
  membershipChecks(hosts, selected, cluster.nodes, release, expect)
}

function foreignChecks(
  fleet: Fleet,
  wanted: readonly Component[],
  { release }: PlanOptions,
  expect: Expect,
): void {
  const { cluster } = fleet
  expect('ForeignConversion', cluster.foreignJobs.length === 0, {
    ok: 'no other converter is at work',
    failed: `Jobs of another converter are under way: ${cluster.foreignJobs.join(', ')}`,
    hint: 'wait for them, or delete them if their converter is dead',
  })
  const foreign = foreignObjects(
    wanted.flatMap((component) => component.objects),
    cluster,
  )
  expect('ForeignObjects', foreign.length === 0, {
    ok: 'the objects to write are ours, or new',
    failed: `not made by yurt-ssh: ${foreign.map(refText).join(', ')}`,
    hint: 'another tool installed OpenYurt here: remove it with that tool first',
  })
  const installed = Object.values(cluster.objects).some((object) => object !== null && isOurs(object))
  const labelled = cluster.nodes.filter((node) => node.labels[release.edgeWorkerLabel] === 'true')
  const names = labelled.map((node) => node.name).join(', ')
  const ours = fleet.members.some(({ facts }) => convertedByUs(facts, release))
  expect('NodeLabels', installed || labelled.length === 0, {
    ok: 'labels are ours to set',
    failed: ours
      ? `labelled ${release.edgeWorkerLabel}=true, left of a revert that is half done: ${names}`
      : `labelled ${release.edgeWorkerLabel}=true although yurt-ssh converted nothing here: ${names}`,
    hint: ours
      ? '`yurt-ssh revert` first, then convert'
      : 'remove the label, or revert with the tool that set it',
  })
}

function controlPlaneChecks(fleet: Fleet, { release }: PlanOptions, expect: Expect): void {
  const masters = fleet.members.filter((member) => member.controlPlane)
  const reached = new Set(masters.map(({ node }) => node.name))
  const missing = fleet.cluster.nodes.filter((node) => node.controlPlane && !reached.has(node.name))
  expect('ControlPlane', masters.length > 0 && missing.length === 0, {
    mandatory: true,
    ok: `control plane on ${masters.map(({ host }) => host.name).join(', ')}`,
    failed: `control-plane nodes that were not reached: ${missing.map(({ name }) => name).join(', ') || 'all'}`,
    hint: 'yurt-ssh must switch the node lifecycle over on every control-plane host: list them all, and mend what keeps it from reaching them',
  })
  const edge = masters.filter(({ host }) => host.role === 'edge').map(({ host }) => host.name)
  expect('ControlPlaneRole', edge.length === 0, {
    ok: 'control-plane hosts are cloud hosts',
    failed: `control-plane hosts with role edge: ${edge.join(', ')}`,
  })
  const without = masters.flatMap(({ host, facts }) => {
    if (!runsControllerManager(facts)) return [`${host.name} (${noControllerManager(facts, release)})`]
    const { error } = attempt(() => planLifecycleOff(facts, release))
    return error === undefined ? [] : [`${host.name} (${error})`]
  })
  expect('ControllerManager', without.length === 0, {
    mandatory: true,
    ok: 'kube-controller-manager runs as a static pod',
    failed: `the node lifecycle cannot be switched on ${without.join(', ')}`,
    hint: 'only control planes that kubeadm set up are supported',
  })
}

/** Why there is nothing to edit. */
function noControllerManager(facts: HostFacts, release: Release): string {
  const { controllerManager } = facts.files
  if (controllerManager.state === 'link')
    return `no kube-controller-manager.yaml that can be edited: it is ${inWords(controllerManager)}`
  const rivals = rivalsOf(facts, 'controllerManager', release)
  const elsewhere = rivals.length === 0 ? '' : `: it is in ${rivals.join(', ')}`
  return `no kube-controller-manager.yaml among its static pods${elsewhere}`
}

function optionChecks(hosts: readonly Host[], { autonomousNodes }: PlanOptions, expect: Expect): void {
  const edge = new Set(hosts.filter((host) => host.role === 'edge').map((host) => host.node))
  const wrong = (autonomousNodes ?? []).filter((name) => !edge.has(name))
  expect('AutonomousNodes', wrong.length === 0, {
    ok: 'autonomous nodes are edge nodes',
    failed: `--autonomous-nodes names nodes that are no edge nodes of the inventory: ${wrong.join(', ')}`,
  })
}
