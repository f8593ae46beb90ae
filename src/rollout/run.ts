import pLimit from 'p-limit'
import { runClusterStep } from '../cluster/steps.js'
import { ExitCode, exitCodeOf, messageOf, worstExitCode, YurtSshError } from '../errors.js'
import type { HostWork, Phase, Plan } from '../plan/types.js'
import type { HostContext } from './context.js'
import { type HostResult, runHostWork } from './host.js'

export interface RunContext extends HostContext {
  /** Hosts worked at a time. */
  forks: number
  /** Aborted by the first Ctrl-C: no new host begins, those that run finish or undo by themselves. */
  stop: AbortSignal
}

export interface RunResult {
  hosts: HostResult[]
  /** Titles of the phases that did not run, or not to their end. */
  skipped: string[]
  /** What ended the run early, where that was not a host. */
  error?: YurtSshError
  interrupted: boolean
}

/** Runs a plan phase by phase. Never rejects: what went wrong is in the result. */
export async function runPlan(plan: Plan, context: RunContext): Promise<RunResult> {
  const result: RunResult = { hosts: [], skipped: [], interrupted: false }
  for (const [index, phase] of plan.phases.entries()) {
    if (context.stop.aborted || !(await runPhase(phase, index, plan, result, context))) {
      const reason: unknown = context.stop.aborted ? context.stop.reason : undefined
      if (reason instanceof YurtSshError) result.error = reason
      else result.interrupted = context.stop.aborted
      result.skipped = plan.phases.slice(index).map(({ title }) => title)
      break
    }
  }
  return result
}

/** Whether the next phase may run. */
async function runPhase(
  phase: Phase,
  index: number,
  plan: Plan,
  result: RunResult,
  context: RunContext,
): Promise<boolean> {
  const began = Date.now()
  const hosts = phase.kind === 'hosts' ? phase.work.length : 0
  context.emit({ type: 'phase', title: phase.title, index, count: plan.phases.length, hosts })
  const goOn =
    phase.kind === 'cluster'
      ? await runClusterPhase(phase, result, context)
      : await runHostsPhase(phase, result, context)
  context.emit({ type: 'phase-done', title: phase.title, seconds: (Date.now() - began) / 1000 })
  return goOn
}

async function runClusterPhase(
  phase: Phase & { kind: 'cluster' },
  result: RunResult,
  context: RunContext,
): Promise<boolean> {
  try {
    for (const step of phase.steps) {
      context.stop.throwIfAborted()
      await runClusterStep(context.cluster, step, {
        signal: context.stop,
        onProgress: (text) => context.emit({ type: 'cluster-step', text }),
      })
    }
    return true
  } catch (error) {
    if (!context.stop.aborted)
      result.error =
        error instanceof YurtSshError ? error : new YurtSshError('BUG', messageOf(error), { cause: error })
    return false
  }
}

async function runHostsPhase(
  phase: Phase & { kind: 'hosts' },
  result: RunResult,
  context: RunContext,
): Promise<boolean> {
  const limit = pLimit(phase.order === 'one-by-one' ? 1 : context.forks)
  let stopped = false
  const run = async (work: HostWork): Promise<HostResult> => {
    if (stopped || context.stop.aborted) {
      return {
        host: work.host,
        node: work.node,
        title: phase.title,
        status: 'skipped',
        seconds: 0,
        steps: [],
        notes: [],
      }
    }
    const done = await runHostWork(work, phase.title, context)
    if (done.error !== undefined && phase.onFailure === 'stop') stopped = true
    return done
  }
  const done = await Promise.all(phase.work.map((work) => limit(run, work)))
  result.hosts.push(...done)
  if (context.stop.aborted) return false
  return phase.onFailure === 'go-on' || done.every(({ error }) => error === undefined)
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
