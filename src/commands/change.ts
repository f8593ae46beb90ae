import { randomBytes } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { readClusterInfo } from '../cluster/cluster-info.js'
import { acquireLock, type Lock } from '../cluster/lock.js'
import { createRunToken, type RunToken, removeRunToken, runTokens } from '../cluster/token.js'
import { ExitCode, YurtSshError } from '../errors.js'
import { tokenPlaceholder } from '../node/hub.js'
import { type Check, ignoreChecks } from '../plan/checks.js'
import { planHostRevert } from '../plan/host-revert.js'
import type { Plan } from '../plan/types.js'
import { exitCodeOfRun, type RunResult, runPlan } from '../rollout/run.js'
import { openSite, type Site, type Survey } from './gather.js'
import type { CommonOptions, Surroundings } from './options.js'
import { describeUnsettled, findUnsettled, settle } from './settle.js'

/** What a command came to, as data: the CLI prints it. */
export interface ChangeResult {
  exitCode: ExitCode
  verb: Plan['verb']
  runId: string
  checks: Check[]
  plan?: Plan
  /** Lines on what dead runs left, and what becomes of it. */
  unsettled: string[]
  run?: RunResult
}

/** The part of a change that differs between convert and revert; pure. */
export interface Change {
  verb: Plan['verb']
  /** What it wants to know beside hosts and components. */
  asks: { belongings: boolean }
  checks: (survey: Survey, site: Site) => Check[]
  plan: (survey: Survey, site: Site) => Plan
}

const tokenTtlSeconds = 2 * 3600

/** Facts, checks, plan, approval, rollout: the pipeline that convert and revert share. */
export async function runChange(
  change: Change,
  given: CommonOptions,
  surroundings: Surroundings,
): Promise<ChangeResult> {
  const site = await openSite(given, surroundings.signal)
  try {
    return await changeSite(change, site, given, surroundings)
  } finally {
    site.close()
  }
}

async function changeSite(
  change: Change,
  site: Site,
  given: CommonOptions,
  surroundings: Surroundings,
): Promise<ChangeResult> {
  const runId = newRunId()
  let survey = await site.gather(change.asks)
  const unsettled = findUnsettled(survey.facts)
  const result: ChangeResult = {
    exitCode: ExitCode.done,
    verb: change.verb,
    runId,
    checks: [],
    unsettled: unsettled.map(describeUnsettled),
  }
  if (unsettled.length > 0 && given.check) return { ...result, exitCode: ExitCode.changesPending }
  if (unsettled.length > 0) {
    if (!(await surroundings.approveRecovery(result.unsettled))) throw notApproved()
    await settle(site, unsettled)
    survey = await site.gather(change.asks)
  }
  result.checks = ignoreChecks(
    [...reachChecks(survey), ...change.checks(survey, site)],
    given.ignorePreflightErrors,
  )
  const refused = exitCodeOfChecks(result.checks)
  if (refused !== ExitCode.done) return { ...result, exitCode: refused }
  const plan = change.plan(survey, site)
  if (plan.phases.length === 0) return { ...result, plan }
  if (needsToken(plan)) await requireClusterInfo(site)
  if (given.check) return { ...result, plan, exitCode: ExitCode.changesPending }
  if (!(await surroundings.approve(plan))) {
    throw notApproved()
  }
  const run = await rollOut(plan, runId, site, given, surroundings)
  return { ...result, plan, run, exitCode: exitCodeOfRun(run) }
}

function notApproved(): YurtSshError {
  return new YurtSshError('USAGE_NOT_APPROVED', 'not approved; nothing was touched')
}

async function rollOut(
  plan: Plan,
  runId: string,
  site: Site,
  given: CommonOptions,
  surroundings: Surroundings,
): Promise<RunResult> {
  const lost = new AbortController()
  const stop = AbortSignal.any([surroundings.signal, lost.signal])
  const lock = await acquireLock(site.cluster, {
    holder: `${userInfo().username}@${hostname()}:${process.pid}/${runId}`,
    signal: surroundings.signal,
    onWaiting: (held, seconds) =>
      surroundings.tell(
        `the cluster is locked by ${held.holder} since ${held.since}: watching for ${seconds} s whether it is alive`,
      ),
    onLost(reason) {
      surroundings.tell(`the cluster's lock is lost: ${reason}; no new host is begun`)
      lost.abort()
    },
  })
  const progress = surroundings.watch(plan)
  let token: RunToken | undefined
  try {
    await removeLeftTokens(site)
    if (needsToken(plan))
      token = await createRunToken(site.cluster, { run: runId, ttlSeconds: tokenTtlSeconds })
    return await runPlan(plan, {
      cluster: site.cluster,
      connect: site.connect,
      forks: given.forks,
      stop,
      emit: progress.emit,
      script: {
        runId,
        ourKubeconfig: site.options.release.hub.kubeconfig,
        ...(token === undefined ? {} : { token: token.token }),
      },
      async planUndo(work) {
        const facts = await site.gatherHost(work.host)
        return work.transaction?.kind === 'hub' && plan.verb === 'convert'
          ? planHostRevert(facts, site.options).transaction
          : undefined
      },
    })
  } finally {
    await progress.done()
    await tidyUp(site, lock, token, surroundings)
  }
}

async function tidyUp(
  site: Site,
  lock: Lock,
  token: RunToken | undefined,
  surroundings: Surroundings,
): Promise<void> {
  try {
    if (token !== undefined) await removeRunToken(site.cluster, token.id)
    await lock.release()
  } catch (error) {
    surroundings.tell(`the run's token or lock could not be removed, the next run will: ${String(error)}`)
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

/** Hosts that were not reached, or not understood. */
export function reachChecks({ failures }: Survey): Check[] {
  return [...failures].map(([host, error]) => ({
    name: error.code.startsWith('SSH_') ? 'Reachable' : 'Facts',
    host,
    status: 'failed',
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }))
}

/** A cluster guard refuses the run; a host's own check is that host's failure. */
export function exitCodeOfChecks(checks: readonly Check[]): ExitCode {
  const failed = checks.filter(({ status }) => status === 'failed')
  if (failed.some(({ host }) => host === undefined)) return ExitCode.refused
  if (failed.some(({ name }) => name !== 'Reachable')) return ExitCode.hostsFailed
  return failed.length > 0 ? ExitCode.hostsUnreachable : ExitCode.done
}

/** Sorts by time and is a label value and a file name. */
function newRunId(): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()
  return `${stamp}-${randomBytes(2).toString('hex')}`
}
