import { isOurs } from '../cluster/ownership.js'
import type { HostFacts } from '../node/types.js'
import { type Check, createChecks } from './checks.js'
import { runsControllerManager, staysOff } from './controller-manager.js'
import type { Fleet } from './fleet.js'
import { foreignConversion } from './foreign.js'
import { flavourOf } from './hub-flavours/flavours.js'
import type { PlanOptions } from './options.js'
import { definedOnceCheck } from './preflight-manifests.js'
import { heldUp } from './revert.js'
import { sameClusterCheck } from './same-cluster.js'

/** What must hold before a revert: less than for a conversion, for it must work on broken hosts too. */
export function preflightRevert(fleet: Fleet, selected: ReadonlySet<string>, options: PlanOptions): Check[] {
  const { list, expect } = createChecks()
  const read = [...fleet.members, ...fleet.strays]
  const hosts = [...fleet.unreachable, ...read.map(({ host }) => host)]
  const masters = new Set(
    fleet.cluster.nodes.filter(({ controlPlane }) => controlPlane).map(({ name }) => name),
  )
  const canStay = hosts.filter(({ node }) => !masters.has(node)).map(({ name }) => name)
  const cannotStay = options.leaveBehind.filter((name) => !canStay.includes(name))
  expect('LeaveBehind', cannotStay.length === 0, {
    mandatory: true,
    ok: 'hosts to leave behind are no control-plane hosts',
    failed: `--leave-behind: not in the inventory, or in the control plane: ${cannotStay.join(', ')}`,
    hint: 'give names of the inventory; the node lifecycle has one owner only when every control-plane host goes back',
  })
  sameClusterCheck(fleet, expect)
  const known = new Set(hosts.map(({ node }) => node))
  const lacking = [...masters].filter((name) => !known.has(name))
  const stray = fleet.strays.filter(({ facts }) => runsControllerManager(facts)).map(({ host }) => host.name)
  expect('ControlPlane', lacking.length + stray.length === 0, {
    mandatory: true,
    ok: 'every control-plane node is in the inventory',
    failed: `control-plane nodes that no host is: ${[...lacking, ...stray.map((name) => `host ${name}, whose node is none of the cluster`)].join(', ')}`,
    hint: 'their kube-controller-manager must go back too: list them, with the name of their node',
  })
  const kinds = options.release.components.flatMap(({ kinds }) => kinds?.kinds.map(({ kind }) => kind) ?? [])
  const customObjects = heldUp(fleet, selected, options).length > 0 ? [] : fleet.belongings.customObjects
  expect('CustomObjects', customObjects.length === 0, {
    ok: `no ${kinds.join(' or ')} is in use`,
    failed: `deleted with their kinds, and their workloads with them: ${customObjects.join(', ')}`,
    hint: 'save and delete them first; --ignore-preflight-errors CustomObjects deletes them with the rest',
  })
  const installed = Object.values(fleet.cluster.objects).some(
    (object) => object !== null && (isOurs(object) || options.adopt),
  )
  const unowned = fleet.members
    .filter(({ facts }) => staysOff(facts, options.adopt))
    .map(({ host }) => host.name)
  expect('LifecycleOwner', !installed || unowned.length === 0, {
    mandatory: true,
    ok: 'the stock controller owns the node lifecycle afterwards',
    failed: `the node lifecycle is off on ${unowned.join(', ')}, and not by an edit of ours that is still in place`,
    hint: '--adopt takes it out where yurtctl put it in, or a yurt-ssh whose journal is lost; otherwise take -nodelifecycle out of --controllers by hand first',
  })
  return [...list, ...read.flatMap(({ host, facts }) => hostChecks(host.name, facts, options))]
}

function hostChecks(host: string, facts: HostFacts, { release, adopt }: PlanOptions): Check[] {
  const { list, expect } = createChecks(host)
  const { joinedHubManifest } = facts.files
  const foreign = foreignConversion(facts, release)
  if (foreign?.by !== 'yurtctl join')
    expect('ForeignHub', foreign === undefined || (adopt && foreign.adoptable), {
      mandatory: true,
      ok: foreign === undefined ? 'no hub of another converter' : `${foreign.by} converted it`,
      failed: `${foreign?.by} converted it, not yurt-ssh`,
      hint:
        foreign?.adoptable === true
          ? "--adopt takes exactly yurtctl's edits out"
          : 'revert it with the tool that converted the node',
    })
  expect('JoinedNode', joinedHubManifest.state === 'absent', {
    mandatory: true,
    ok: 'was not joined by yurtctl',
    failed: `${joinedHubManifest.path} is there: the node was joined by yurtctl and has no earlier state to go back to`,
    hint: 'reset the node and join it with kubeadm',
  })
  definedOnceCheck(facts, release, expect)
  // with a dead hub the host's own Node is read with the kubelet's certificate, which these two can show
  const canProve = facts.hubServes === '200' || ['curl', 'python3'].includes(facts.httpClient)
  expect('HttpClient', flavourOf(release).definition(facts).state === 'absent' || canProve, {
    ok: `checks health with ${facts.httpClient}`,
    failed: `its hub is dead, and ${facts.httpClient} cannot read its Node past the hub`,
    hint: 'install curl on it',
  })
  return list
}
