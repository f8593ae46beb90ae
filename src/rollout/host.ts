import { changeNode } from '../cluster/steps.js'
import { messageOf, YurtSshError } from '../errors.js'
import { confirming, describeHostStep } from '../plan/describe.js'
import type { HostTransaction, HostWork } from '../plan/types.js'

import type { HostSession } from '../ssh/types.js'
import { confirm } from './confirm.js'
import type { HostContext } from './context.js'
import type { HostStatus } from './events.js'
import { forgetScript } from './scripts.js'
import { type DoneStep, runTransaction, type TransactionResult } from './transaction.js'

export interface HostResult {
  host: string
  node: string
  /** What the phase does with it. */
  title: string
  status: HostStatus
  seconds: number
  steps: DoneStep[]
  notes: string[]
  error?: YurtSshError
  /** What it was at when it failed. */
  failedAt?: string
}

/** One host's part of a phase. Never rejects: what went wrong is in the result. */
export async function runHostWork(work: HostWork, title: string, context: HostContext): Promise<HostResult> {
  const began = Date.now()
  const result: HostResult = {
    host: work.host,
    node: work.node,
    title,
    status: 'changed',
    seconds: 0,
    steps: [],
    notes: [...work.notes],
  }
  context.emit({ type: 'host', host: work.host, title })
  let at = 'connect'
  const onStage = (name: string): void => {
    at = name
  }
  try {
    if (work.transaction !== undefined) {
      const done = await transact(work, work.transaction, context, onStage)
      result.steps.push(...done.steps)
      result.notes.push(...done.notes)
    }
    if (work.after.length > 0) {
      at = 'label the node'
      await changeNode(context.cluster, work.node, work.after)
    }
    if (work.forget) {
      at = 'remove /var/lib/yurt-ssh'
      await forget(work.host, context)
    }
  } catch (error) {
    result.error = asHostError(error, work.host)
    result.failedAt = at
    result.status = result.error.code.startsWith('SSH_') ? 'unreachable' : 'failed'
  }
  result.seconds = (Date.now() - began) / 1000
  context.emit({
    type: 'host-done',
    host: work.host,
    status: result.status,
    seconds: result.seconds,
    ...(result.error === undefined ? {} : { message: result.error.message }),
  })
  return result
}

async function transact(
  work: HostWork,
  transaction: HostTransaction,
  context: HostContext,
  onStage: (name: string) => void,
): Promise<TransactionResult> {
  const steps = [...transaction.steps, ...transaction.cleanup]
  const script = { ...context.script, node: work.node }
  const connect = (): Promise<HostSession> => context.connect(work.host)
  const onStep = (index: number): void => {
    const step = steps[index]
    if (step === undefined) return
    onStage(describeHostStep(step))
    context.emit({ type: 'host-step', host: work.host, step })
  }
  const onLine = (line: string): void => context.emit({ type: 'host-output', host: work.host, line })
  const done = await runTransaction(connect, transaction, script, { onStep, onLine }).catch(
    async (error: unknown) => {
      // what was undone leaves no folder; where that fails now, the next run does it
      if (error instanceof YurtSshError && error.code === 'HOST_FAILED')
        await forget(work.host, context, `${context.script.runId}-${transaction.kind}`).catch(() => undefined)
      throw error
    },
  )
  if (work.confirm !== undefined) {
    onStage(confirming)
    context.emit({ type: 'host-confirm', host: work.host })
    await confirm(work, work.confirm, context)
  }
  return done
}

async function forget(host: string, context: HostContext, id?: string): Promise<void> {
  const session = await context.connect(host)
  const { status, stderr } = await session.run(forgetScript(id), { timeoutSeconds: 60 })
  if (status !== 0)
    throw new YurtSshError(
      'HOST_FORGET',
      `/var/lib/yurt-ssh could not be removed: ${stderr.trim() || 'it is locked'}`,
      { host },
    )
}

function asHostError(error: unknown, host: string): YurtSshError {
  if (error instanceof YurtSshError && error.host !== undefined) return error
  if (error instanceof YurtSshError) {
    const { code, message, hint, detail } = error
    return new YurtSshError(code, message, {
      host,
      cause: error,
      ...(hint === undefined ? {} : { hint }),
      ...(detail === undefined ? {} : { detail }),
    })
  }
  return new YurtSshError('HOST_BUG', messageOf(error), { host, cause: error })
}
