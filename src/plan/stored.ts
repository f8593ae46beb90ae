import { isDeepStrictEqual } from 'node:util'
import { isLeftover } from '../cluster/components.js'
import { shownObject } from '../cluster/shown.js'
import type { ClusterStep } from '../cluster/types.js'
import { maskToken } from '../node/hub.js'
import type { HostStep, HostTransaction, HostWork, Phase, Plan } from './types.js'

/** What has changed between a stored plan and the plan for now. */
export interface PlanChanges {
  /** Titles of phases in which the cluster, or its control plane, would be changed in another way than stored. */
  cluster: string[]
  /** Inventory names of hosts that would be changed in another way than stored. */
  hosts: string[]
}

/**
 * A plan as it is kept: without secrets, and without what differs from one look to the next (heartbeats, UIDs of pods,
 * who leads). It is compared with the plan for now and never run itself.
 */
export function storedForm(plan: Plan): Plan {
  const phases = plan.phases.map((phase) =>
    phase.kind === 'cluster'
      ? { ...phase, steps: phase.steps.map(storedStep) }
      : { ...phase, work: phase.work.map(storedWork) },
  )
  return JSON.parse(JSON.stringify({ ...plan, notes: [], phases }), (_key, value: unknown) =>
    typeof value === 'string' ? maskToken(value) : value,
  ) as Plan
}

/**
 * What a run of now would do otherwise than `stored` says. Less is no difference: it was done meanwhile. The control
 * plane counts as the cluster, for no other host may be worked while one of its hosts is not as planned.
 */
export function changesSince(stored: Plan, now: Plan): PlanChanges {
  const changes: PlanChanges = { cluster: [], hosts: [] }
  for (const phase of storedForm(now).phases) {
    const then = sameTitle(stored, phase)
    if (phase.kind === 'cluster') {
      const known = then?.kind === 'cluster' ? then.steps : []
      if (!isPart(phase.steps, known)) changes.cluster.push(phase.title)
      continue
    }
    for (const work of phase.work) {
      const known = workIn(then, work.host)
      const isControlPlane = phase.order === 'one-by-one'
      if (known === undefined ? !isControlPlane : isPartOf(work, known)) continue
      if (isControlPlane) changes.cluster.push(`${phase.title} on ${work.host}`)
      else changes.hosts.push(work.host)
    }
  }
  return { ...changes, hosts: [...new Set(changes.hosts)] }
}

/** The plan for now, only with hosts that the stored one has in the same phase. */
export function narrowedTo(stored: Plan, now: Plan): Plan {
  const phases = now.phases.flatMap((phase): Phase[] => {
    if (phase.kind === 'cluster') return [phase]
    const then = sameTitle(stored, phase)
    const work = phase.work.filter(({ host }) => workIn(then, host) !== undefined)
    return work.length === 0 ? [] : [{ ...phase, work }]
  })
  return { ...now, phases }
}

function sameTitle({ phases }: Plan, { title, kind }: Phase): Phase | undefined {
  return phases.find((phase) => phase.title === title && phase.kind === kind)
}

function workIn(phase: Phase | undefined, host: string): HostWork | undefined {
  return phase?.kind === 'hosts' ? phase.work.find((work) => work.host === host) : undefined
}

function isPartOf(now: HostWork, then: HostWork): boolean {
  return (
    now.node === then.node &&
    (now.transaction === undefined || isDeepStrictEqual(now.transaction, then.transaction)) &&
    isPart(now.after, then.after) &&
    (!now.forget || then.forget)
  )
}

function isPart(now: readonly ClusterStep[], then: readonly ClusterStep[]): boolean {
  return now.every((step) => then.some((known) => isDeepStrictEqual(step, known)))
}

function storedWork({ confirm: _, ...work }: HostWork): HostWork {
  return {
    ...work,
    ...(work.transaction === undefined ? {} : { transaction: storedTransaction(work.transaction) }),
    notes: [],
  }
}

function storedTransaction(transaction: HostTransaction): HostTransaction {
  const stored = (step: HostStep): HostStep => (step.kind === 'restart-pods' ? { ...step, uids: [] } : step)
  return {
    ...transaction,
    steps: transaction.steps.map(stored),
    cleanup: transaction.cleanup.map(stored),
  }
}

function storedStep(step: ClusterStep): ClusterStep {
  if (step.kind === 'apply') {
    const before = step.before === null ? null : shownObject(step.before)
    return { ...step, object: shownObject(step.object), before }
  }
  if (step.kind === 'delete' && step.before !== null) {
    const { apiVersion, kind, metadata } = step.before
    // what a component writes while it runs
    const before = isLeftover(step.ref)
      ? { apiVersion, kind, metadata: { name: metadata.name } }
      : shownObject(step.before)
    return { ...step, before }
  }
  return step.kind === 'wait-leader' && step.before !== undefined ? { ...step, before: '' } : step
}
