import { readClusterInfo } from '../cluster/cluster-info.js'
import { createRunToken, removeRunToken, runTokens } from '../cluster/token.js'
import { ExitCode, messageOf, worstExitCode, YurtSshError } from '../errors.js'
import { tokenPlaceholder } from '../node/hub.js'
import type { Check } from '../plan/checks.js'
import { planLifecycleOn } from '../plan/controller-manager.js'
import { planHostRevert } from '../plan/host-revert.js'
import type { PlanOptions } from '../plan/options.js'
import type { Plan } from '../plan/types.js'
import type { Outlook } from '../report/plan-summary.js'
import type { LeftOut } from '../report/record-format.js'
import { newRunId } from '../report/run-id.js'
import { groupsOf } from '../rollout/groups.js'
import { exitCodeOfRun, type RunContext, type RunResult, runPlan } from '../rollout/run.js'
import { scheduleOf } from '../rollout/waves.js'
import { type Asks, gather, type Survey } from './gather.js'
import { readHost } from './host-facts.js'
import { judge, type Rules } from './judge.js'
import { hostsLeftOut } from './left-out.js'
import { lockCluster } from './lock.js'
import type { ChangeOptions, Surroundings } from './options.js'
import { notApproved, requireGoing } from './refusals.js'
import { describeUnsettled, findUnsettled, settle } from './settle.js'
import { openSite, type Site } from './site.js'
import { storePlan } from './store-plan.js'

/** What a command came to, as data: the CLI prints it. */
export interface ChangeResult {
  exitCode: ExitCode
  verb: Plan['verb']
  runId: string
  checks: Check[]
  /** Of a refused run: the flags with which it goes on without the hosts that failed, where it can. */
  goOn?: string
  plan?: Plan
  /** How the plan goes in time, and without whom. */
  outlook?: Outlook
  /** Lines on what dead runs left, and what becomes of it. */
  unsettled: string[]
  run?: RunResult
}

/** The part of a change that differs between convert and revert; pure. */
export interface Change extends Rules {
  verb: Plan['verb']
  /** What it wants to know beside hosts and components. */
  asks: (options: PlanOptions) => Asks
  plan: (survey: Survey, site: Site) => Plan
}

const tokenTtlSeconds = 2 * 3600

/**
 * Facts, checks, plan, approval, rollout: the pipeline that convert and revert share. The cluster's lock is held from
 * before the first look to the end, so that what was shown is what is there.
 */
export async function runChange(
  change: Change,
  given: ChangeOptions,
  surroundings: Surroundings,
): Promise<ChangeResult> {
  const site = await openSite(given, surroundings)
  site.warnings.forEach(surroundings.tell)
  const runId = newRunId()
  try {
    // a group that does not exist is refused before anybody waits for facts
    groupsOf(site.inventory.hosts, given.pace.serialBy)
    if (given.check) return await changeSite(change, runId, site, given, surroundings)
    const { lock, stop } = await lockCluster(runId, site, surroundings)
    try {
      return await changeSite(change, runId, site, given, { ...surroundings, signal: stop })
    } finally {
      await tidily(() => lock.release(), 'lock', surroundings)
    }
  } finally {
    site.close()
  }
}

async function changeSite(
  change: Change,
  runId: string,
  site: Site,
  given: ChangeOptions,
  surroundings: Surroundings,
): Promise<ChangeResult> {
  const asks = change.asks(site.options)
  let survey = await gather(site, asks, surroundings.signal)
  const unsettled = findUnsettled(survey.facts).filter(({ host }) => !site.options.leaveBehind.includes(host))
  const result: ChangeResult = {
    exitCode: ExitCode.done,
    verb: change.verb,
    runId,
    checks: [],
    unsettled: unsettled.map(describeUnsettled),
  }
  if (unsettled.length > 0) {
    if (given.check) return { ...result, exitCode: ExitCode.changesPending }
    if (!(await surroundings.approveRecovery(result.unsettled))) throw notApproved()
    const spoilt = await settle(site, unsettled, surroundings.signal)
    survey = await gather(site, asks, surroundings.signal, spoilt)
  }
  const verdict = judge(change, survey, site, given)
  result.checks = verdict.checks
  result.exitCode = verdict.exitCode
  if (verdict.refused) return { ...result, ...(verdict.goOn === undefined ? {} : { goOn: verdict.goOn }) }

  const plan = change.plan(survey, verdict.site)
  if (plan.phases.length === 0) return { ...result, plan }
  if (needsToken(plan)) await requireClusterInfo(site)
  const schedule = scheduleOf(plan, given.pace, site.inventory.hosts)
  const outlook = { waves: schedule.waves, pace: given.pace, leftOut: verdict.leftOut }
  if (given.out !== undefined) await storePlan(plan, site, given, given.out)
  if (given.check) {
    const exitCode = worstExitCode([result.exitCode, ExitCode.changesPending])
    return { ...result, plan, outlook, exitCode }
  }
  if (!(await surroundings.approve(plan, outlook))) throw notApproved()
  requireGoing(surroundings.signal)
  const { pauseSeconds, confirmWaves } = given.pace
  const run = await rollOut(plan, runId, site, surroundings, {
    limits: verdict.limits,
    leftOut: verdict.counted,
    goesWithout: hostsLeftOut(site, verdict),
    rhythm: {
      schedule,
      forks: given.forks,
      pauseSeconds,
      ...(confirmWaves ? { approveWave: surroundings.approveWave } : {}),
    },
  })
  return { ...result, plan, outlook, run, exitCode: worstExitCode([result.exitCode, exitCodeOfRun(run)]) }
}

async function rollOut(
  plan: Plan,
  runId: string,
  site: Site,
  surroundings: Surroundings,
  { goesWithout, ...pacing }: Pick<RunContext, 'rhythm' | 'limits' | 'leftOut'> & { goesWithout: LeftOut[] },
): Promise<RunResult> {
  await removeLeftTokens(site)
  const token = needsToken(plan)
    ? await createRunToken(site.cluster, { run: runId, ttlSeconds: tokenTtlSeconds })
    : undefined
  const progress = surroundings.watch(plan, {
    id: runId,
    server: site.cluster.server,
    hosts: site.inventory.hosts,
    leftOut: goesWithout,
  })
  try {
    return await runPlan(plan, {
      cluster: site.cluster,
      connect: site.connect,
      leave: site.leave,
      ...pacing,
      stop: surroundings.signal,
      emit: progress.emit,
      script: {
        runId,
        release: site.options.release,
        ...(token === undefined ? {} : { token: token.token }),
      },
      async planUndo(work) {
        const host = site.inventory.hosts.find(({ name }) => name === work.host)
        if (host === undefined || plan.verb !== 'convert') return undefined
        const facts = await readHost(await site.connect(host.name), host, [], site.options)
        return work.transaction?.kind === 'controller-manager'
          ? planLifecycleOn(facts, [])
          : planHostRevert(facts, site.options).transaction
      },
    })
  } finally {
    await progress.done()
    if (token !== undefined) await tidily(() => removeRunToken(site.cluster, token.id), 'token', surroundings)
  }
}

/** What cannot be tidied up now expires by itself, or the next run does it: no reason to fail this one. */
async function tidily(work: () => Promise<unknown>, what: string, { tell }: Surroundings): Promise<void> {
  try {
    await work()
  } catch (error) {
    tell(`the run's ${what} could not be removed, the next run will: ${messageOf(error)}`)
  }
}

/** A hub that bootstraps by token learns the cluster's CA from there, and exits minutes later where it cannot. */
async function requireClusterInfo(site: Site): Promise<void> {
  const info = await readClusterInfo(site.cluster)
  if (info.readable) return
  throw new YurtSshError('GUARD_CLUSTER_INFO', `${info.problem}; hubs that bootstrap by token need it`, {
    hint: 'restore it with `kubeadm init phase bootstrap-token` on a control-plane host',
  })
}

/** Tokens of dead runs: their hubs have their certificates, or were undone. */
async function removeLeftTokens(site: Site): Promise<void> {
  for (const { name } of await runTokens(site.cluster))
    await removeRunToken(site.cluster, name.replace('bootstrap-token-', ''))
}

function needsToken(plan: Plan): boolean {
  return plan.phases.some(
    (phase) =>
      phase.kind === 'hosts' &&
      phase.work.some(({ transaction }) =>
        transaction?.steps.some(
          (step) => step.kind === 'write-file' && step.content.includes(tokenPlaceholder),
        ),
      ),
  )
}
