import { isOurs } from '../cluster/ownership.js'
import { type Check, createChecks } from './checks.js'
import { staysOff } from './controller-manager.js'
import type { Fleet } from './fleet.js'
import type { PlanOptions } from './options.js'
import { heldUp } from './revert.js'

/** What must hold before a revert: less than for a conversion, for it must work on broken hosts too. */
export function preflightRevert(fleet: Fleet, selected: ReadonlySet<string>, options: PlanOptions): Check[] {
  const { list, expect } = createChecks()
  const hosts = [...fleet.unreachable, ...fleet.members.map(({ host }) => host)]
  const masters = new Set(
    fleet.cluster.nodes.filter(({ controlPlane }) => controlPlane).map(({ name }) => name),
  )
  const canStay = hosts.filter(({ node }) => !masters.has(node)).map(({ name }) => name)
  const cannotStay = options.leaveBehind.filter((name) => !canStay.includes(name))
  expect('LeaveBehind', cannotStay.length === 0, {
    ok: 'hosts to leave behind are no control-plane hosts',
    failed: `--leave-behind: not in the inventory, or in the control plane: ${cannotStay.join(', ')}`,
    hint: 'the node lifecycle has one owner only when every control-plane host goes back',
  })
  const customObjects = heldUp(fleet, selected, options).length > 0 ? [] : fleet.belongings.customObjects
  expect('CustomObjects', customObjects.length === 0, {
    ok: 'no NodePool or UnitedDeployment is in use',
    failed: `deleted with their kinds, and their workloads with them: ${customObjects.join(', ')}`,
    hint: 'save and delete them first; --ignore-preflight-errors CustomObjects deletes them with the rest',
  })
  const installed = Object.values(fleet.cluster.objects).some((object) => object !== null && isOurs(object))
  const unowned = fleet.members.filter(({ facts }) => staysOff(facts)).map(({ host }) => host.name)
  expect('LifecycleOwner', !installed || unowned.length === 0, {
    ok: 'the stock controller owns the node lifecycle afterwards',
    failed: `the node lifecycle is off on ${unowned.join(', ')}, and not by an edit of ours that is still in place`,
    hint: 'take -nodelifecycle out of --controllers by hand first; nobody would own the node lifecycle otherwise',
  })
  return [
    ...list,
    ...fleet.members.flatMap(({ host, facts }) =>
      foreignHub(host.name, facts.files, facts.state.journals.length > 0),
    ),
  ]
}

function foreignHub(host: string, files: Fleet['members'][number]['facts']['files'], ours: boolean): Check[] {
  const { list, expect } = createChecks(host)
  const { hubManifest, joinedHubManifest } = files
  expect('ForeignHub', ours || hubManifest.state === 'absent', {
    ok: 'no hub of another converter',
    failed: `${hubManifest.path} was put there by somebody else`,
    hint: 'revert it with the tool that converted the node',
  })
  expect('JoinedNode', joinedHubManifest.state === 'absent', {
    ok: 'was not joined by yurtctl',
    failed: `${joinedHubManifest.path} is there: the node was joined by yurtctl and has no earlier state to go back to`,
    hint: 'reset the node and join it with kubeadm',
  })
  return list
}
