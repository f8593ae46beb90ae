import { runClusterStep } from '../cluster/steps.js'
import { ExitCode, exitCodeOf, messageOf, worstExitCode, YurtSshError } from '../errors.js'
import type { Phase, Plan } from '../plan/types.js'
import type { HostContext } from './context.js'
import { type HostResult, runHostWork } from './host.js'
import { type HostsRun, type PhaseEnd, type Rhythm, runHostsPhase } from './hosts-phase.js'
import { createThreshold, type Limits } from './threshold.js'

export interface RunContext extends HostContext {
  rhythm: Rhythm
  limits: Limits
  /** Hosts left out before the start that count for the limits, by inventory name. */
  leftOut: readonly string[]
  /** Aborted by the first Ctrl-C: no new host begins, those that run finish or undo by themselves. */
  stop: AbortSignal
  /** Told of a host once the plan has nothing left for it: its session is of no more use. */
  leave: (host: string) => void
}

export interface RunResult {
  hosts: HostResult[]
  /** Titles of the phases that did not run, or not to their end. */
  skipped: string[]
  /** What ended the run early, where that was not a host. */
  error?: YurtSshError
  interrupted: boolean
}

/** Runs a plan phase by phase. Never rejects: what went wrong is in the result. `work` is what is done for a host. */
export async function runPlan(plan: Plan, context: RunContext, work = runHostWork): Promise<RunResult> {
  const result: RunResult = { hosts: [], skipped: [], interrupted: false }
  const ahead = workAhead(plan)
  const run: HostsRun = {
    ...context.rhythm,
    threshold: createThreshold(context.limits, context.leftOut),
    stop: context.stop,
    emit: context.emit,
    async work(host, title) {
      const done = await work(host, title, context)
      const left = (ahead.get(host.host) ?? 1) - 1
      ahead.set(host.host, left)
      if (left === 0) context.leave(host.host)
      return done
    },
    results: result.hosts,
    wavesBegun: 0,
  }
  for (const [index, phase] of plan.phases.entries()) {
    const end = context.stop.aborted ? 'stopped' : await runPhase(phase, index, plan, result, run, context)
    if (end === 'done') continue
    result.skipped = plan.phases
      .slice(isWhole(phase, end, result) ? index + 1 : index)
      .map(({ title }) => title)
    // a run that has nothing left to do was not stopped
    if (result.skipped.length > 0) explain(end, result, run)
    break
  }
  // by the operator, which counts even where nothing was left to do; a lock that was lost has an error for its reason
  result.interrupted = context.stop.aborted && !(context.stop.reason instanceof YurtSshError)
  return result
}

/** How many phases work each host, by inventory name. */
function workAhead({ phases }: Plan): Map<string, number> {
  const counts = new Map<string, number>()
  for (const phase of phases)
    if (phase.kind === 'hosts')
      for (const { host } of phase.work) counts.set(host, (counts.get(host) ?? 0) + 1)
  return counts
}

/** Whether a phase that was the last had come to its end: all its hosts were worked, and well unless a threshold counts. */
function isWhole(phase: Phase, end: PhaseEnd, { hosts }: RunResult): boolean {
  if (phase.kind !== 'hosts') return false
  const own = hosts.filter(({ title }) => title === phase.title)
  const ended = own.filter(({ status, error }) =>
    end === 'threshold' ? status !== 'skipped' : status !== 'skipped' && error === undefined,
  )
  return ended.length === phase.work.length
}

function explain(end: PhaseEnd, result: RunResult, { stop, threshold }: HostsRun): void {
  if (end === 'threshold') result.error = threshold.error()
  else if (end === 'declined') {
    result.error = new YurtSshError(
      'INTERRUPTED_WAVE',
      'the next wave was not approved; no new host was begun',
      {
        hint: 'run the same command again, it does what is left',
      },
    )
  } else if (stop.reason instanceof YurtSshError) result.error = stop.reason
}

/** How the phase ended. */
async function runPhase(
  phase: Phase,
  index: number,
  plan: Plan,
  result: RunResult,
  run: HostsRun,
  context: RunContext,
): Promise<PhaseEnd> {
  const began = Date.now()
  const hosts = phase.kind === 'hosts' ? phase.work.length : 0
  context.emit({ type: 'phase', title: phase.title, index, count: plan.phases.length, hosts })
  const end =
    phase.kind === 'cluster'
      ? await runClusterPhase(phase, result, context)
      : await runHostsPhase(phase, run.schedule.waves[index] ?? [], run)
  context.emit({ type: 'phase-done', title: phase.title, seconds: (Date.now() - began) / 1000 })
  return end
}

async function runClusterPhase(
  phase: Phase & { kind: 'cluster' },
  result: RunResult,
  context: RunContext,
): Promise<PhaseEnd> {
  try {
    for (const step of phase.steps) {
      context.stop.throwIfAborted()
      await runClusterStep(context.cluster, step, {
        signal: context.stop,
        onProgress: (text) => context.emit({ type: 'cluster-step', text }),
      })
    }
    return 'done'
  } catch (error) {
    if (!context.stop.aborted)
      result.error =
        error instanceof YurtSshError ? error : new YurtSshError('BUG', messageOf(error), { cause: error })
    return 'stopped'
  }
}

/** The run's one exit code. */
export function exitCodeOfRun(result: RunResult): ExitCode {
  const codes: ExitCode[] = []
  if (result.interrupted) codes.push(ExitCode.interrupted)
  if (result.error !== undefined) codes.push(exitCodeOf(result.error))
  if (result.hosts.some(({ status }) => status === 'failed')) codes.push(ExitCode.hostsFailed)
  if (result.hosts.some(({ status }) => status === 'unreachable')) codes.push(ExitCode.hostsUnreachable)
  return worstExitCode(codes)
}
