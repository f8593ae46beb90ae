import { YurtSshError } from '../errors.js'
import { describeHostStep } from '../plan/describe.js'
import type { HostStep, HostTransaction } from '../plan/types.js'
import type { Release } from '../releases/types.js'
import type { HostSession } from '../ssh/types.js'
import { createOutputReader, type TransactionOutput } from './output.js'
import { followScript, recoverScript, type ScriptContext, transactionScripts } from './scripts.js'
import { damaged, hintFor, lostRun, refusedLaunch, undoFailed } from './transaction-failures.js'

/** Opens the host's session again after its link was lost. */
export type Reconnect = () => Promise<HostSession>

/** What was done, why, and how long it took by the host's clock. */
export interface DoneStep {
  name: string
  reason: string
  seconds: number
}

export interface TransactionResult {
  /** Seconds by step, in the order of the transaction. */
  steps: DoneStep[]
  notes: string[]
}

export interface FollowOptions {
  signal?: AbortSignal
  onStep?: (index: number) => void
  /** Every line of the host's output, once. */
  onLine?: (line: string) => void
}

const launchTimeoutSeconds = 60
/** After a deadline: systemd's own limits, and the slowest undo. */
const undoSeconds = 700
/** Between two attempts to reach a host whose link is gone: the host goes on by itself meanwhile. */
const reconnectSeconds = 3

/**
 * Runs a transaction on a host: launches it there and follows its output, through lost links too. Returns once the host
 * has committed and finished.
 * @throws YurtSshError HOST_BUSY, HOST_OPEN (nothing was started), HOST_FAILED (undone: the host is as it was),
 * HOST_UNDO_FAILED, HOST_DAMAGED, HOST_UNFINISHED (committed, clean-up incomplete), SSH_LOST (outcome unknown)
 */
export async function runTransaction(
  connect: Reconnect,
  transaction: HostTransaction,
  context: ScriptContext,
  options: FollowOptions = {},
): Promise<TransactionResult> {
  const session = await connect()
  const id = await launch(session, transaction, context)
  const steps = [...transaction.steps, ...transaction.cleanup]
  const output = await follow(connect, session.host, id, transaction.deadlineSeconds + undoSeconds, options)
  return conclude(session.host, output, steps, context.release)
}

/** Starts a transaction and returns its id. Its scripts are long, and are not kept while its end is waited for. */
async function launch(
  session: HostSession,
  transaction: HostTransaction,
  context: ScriptContext,
): Promise<string> {
  const scripts = transactionScripts(transaction, context)
  try {
    const started = await session.run(scripts.launch, { timeoutSeconds: launchTimeoutSeconds })
    if (started.status !== 0) throw refusedLaunch(session.host, started.stderr)
  } catch (error) {
    // whether it started is for the host to say
    if (!isLostLink(error)) throw error
  }
  return scripts.id
}

/** Runs the undo of a transaction that a dead run left open. @throws as `runTransaction`, without HOST_FAILED */
export async function recoverTransaction(
  connect: Reconnect,
  id: string,
  options: FollowOptions = {},
): Promise<string> {
  const session = await connect()
  const started = await session.run(recoverScript(id), { timeoutSeconds: launchTimeoutSeconds })
  if (started.status !== 0) throw refusedLaunch(session.host, started.stderr)
  const output = await follow(connect, session.host, id, undoSeconds, options)
  if (output.result === 'undo-failed') throw undoFailed(session.host, output)
  if (output.result === 'damaged') throw damaged(session.host, output)
  return output.result ?? ''
}

/** Waits for a transaction that another client started. Returns its result. */
export async function awaitTransaction(
  connect: Reconnect,
  id: string,
  seconds: number,
  options: FollowOptions = {},
): Promise<string> {
  const session = await connect()
  const output = await follow(connect, session.host, id, seconds, options)
  return output.result ?? ''
}

/**
 * Follows the output to its end. After a lost link it is read again from the start: it is short, and a byte offset would
 * not survive bytes that are no text. A step, and a line, is announced once.
 */
async function follow(
  connect: Reconnect,
  host: string,
  id: string,
  seconds: number,
  options: FollowOptions,
): Promise<TransactionOutput> {
  const until = Date.now() + seconds * 1000
  let announced = -1
  const onStep = (index: number): void => {
    if (index > announced) options.onStep?.(index)
    announced = Math.max(announced, index)
  }
  let lines = 0
  const onLine = (line: string, index: number): void => {
    if (index >= lines) options.onLine?.(line)
    lines = Math.max(lines, index + 1)
  }
  for (;;) {
    const reader = createOutputReader(onStep, onLine)
    try {
      const session = await connect()
      const { status, stderr } = await session.run(followScript(id), {
        timeoutSeconds: Math.max(1, Math.ceil((until - Date.now()) / 1000)),
        onStdout: reader.add,
        ...(options.signal ? { signal: options.signal } : {}),
      })
      if (status === 0) return reader.output
      throw lostRun(host, reader.output, stderr)
    } catch (error) {
      if (!isLostLink(error) || Date.now() >= until || options.signal?.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, reconnectSeconds * 1000))
    }
  }
}

function isLostLink(error: unknown): boolean {
  return (
    error instanceof YurtSshError &&
    ['SSH_LOST', 'SSH_REFUSED', 'SSH_TIMEOUT', 'SSH_DNS', 'SSH_UNREACHABLE'].includes(error.code)
  )
}

function conclude(
  host: string,
  output: TransactionOutput,
  steps: readonly HostStep[],
  release: Release,
): TransactionResult {
  if (output.result === 'committed') {
    return {
      steps: steps.map((step, index) => ({
        name: describeHostStep(step),
        reason: step.reason,
        seconds: output.seconds[index] ?? 0,
      })),
      notes: output.notes,
    }
  }
  if (output.result === 'undo-failed') throw undoFailed(host, output)
  if (output.result === 'damaged') throw damaged(host, output)
  const detail = output.words.join('\n')
  if (output.result === 'unfinished') {
    const step = steps[output.step]
    const at = step === undefined ? 'its start' : describeHostStep(step)
    throw new YurtSshError(
      'HOST_UNFINISHED',
      `committed, but its clean-up stopped (${at}): ${output.failure ?? 'no reason given'}`,
      {
        host,
        detail,
        hint: 'run the same command again: it does what is left',
      },
    )
  }
  if (output.result !== 'undone') throw lostRun(host, output)
  throw new YurtSshError(
    'HOST_FAILED',
    `${output.failure ?? 'stopped without a word, as by SIGKILL or a power cut'}; put back as it was`,
    {
      host,
      detail,
      hint: hintFor(output, release),
    },
  )
}
