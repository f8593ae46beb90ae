import type { ClusterFacts, ClusterStep } from '../cluster/types.js'
import { planLifecycleOff, planLifecycleOn, runsControllerManager } from './controller-manager.js'
import { type Fleet, type FleetMember, workOf } from './fleet.js'
import type { PlanOptions } from './options.js'
import type { HostWork, Phase } from './types.js'

/** Leader election takes over after 15 s without a renewal. */
const leaderTimeoutSeconds = 90

/** Every control-plane host whose stock node lifecycle must go off, or on again; the leader last. */
export function lifecycleWork(
  fleet: Fleet,
  lifecycle: 'on' | 'off',
  { release, adopt }: PlanOptions,
): HostWork[] {
  const masters = fleet.members.filter(({ facts }) => runsControllerManager(facts))
  return leaderLast(masters, fleet.cluster).flatMap((member): HostWork[] => {
    const notes: string[] = []
    const transaction =
      lifecycle === 'off'
        ? planLifecycleOff(member.facts, release)
        : planLifecycleOn(member.facts, notes, adopt)
    if (transaction === undefined) return []
    const pod = fleet.cluster.kcmPods.find(({ node }) => node === member.node.name)
    const confirm = { kind: 'controller-manager', lifecycle, before: pod?.configHash ?? '' } as const
    return [{ ...workOf(member), notes, transaction, confirm }]
  })
}

/**
 * One master at a time, each proven before the next; then a leader that runs with the edit. `gates` tells whether what
 * comes next counts on that leader: an earlier run may have made the edits and not have come to the wait.
 */
export function lifecyclePhases(fleet: Fleet, work: HostWork[], gates: boolean): Phase[] {
  const title = 'kube-controller-manager'
  return [
    { title, kind: 'hosts', order: 'one-by-one', onFailure: 'stop', work },
    { title: `${title} leader`, kind: 'cluster', steps: leaderSteps(fleet, work, gates) },
  ]
}

/** The controller manager's hosts in the order they are worked: the leader last. */
function leaderLast(members: readonly FleetMember[], cluster: ClusterFacts): FleetMember[] {
  const leads = ({ node }: FleetMember): boolean => cluster.kcmLeader.startsWith(`${node.name}_`)
  return [...members.filter((member) => !leads(member)), ...members.filter(leads)]
}

/** Another process than the leader of now where that is restarted; else whoever leads, seen at work. */
function leaderSteps({ cluster, members }: Fleet, work: readonly HostWork[], gates: boolean): ClusterStep[] {
  const { kcmLeader } = cluster
  const restarted = work.some(({ node }) => kcmLeader.startsWith(`${node}_`))
  if (!restarted && !(gates && kcmLeader !== '' && members.some(electsLeader))) return []
  return [
    {
      kind: 'wait-leader',
      namespace: 'kube-system',
      name: 'kube-controller-manager',
      ...(restarted ? { before: kcmLeader } : {}),
      timeoutSeconds: leaderTimeoutSeconds,
      reason: 'the cluster is controlled as planned from here on',
    },
  ]
}

/** Whether its kube-controller-manager takes part in the election: else a Lease is of earlier days. */
function electsLeader({ facts }: FleetMember): boolean {
  return (
    runsControllerManager(facts) && !facts.files.controllerManager.content?.includes('--leader-elect=false')
  )
}
