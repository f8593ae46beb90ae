import { readLock } from '../cluster/lock.js'
import { removeRunToken } from '../cluster/token.js'
import { ExitCode, messageOf, worstExitCode, type YurtSshError } from '../errors.js'
import { lockLines } from '../report/lock.js'
import { heldLock } from './dead-runs.js'
import { type Asks, gather, type Survey } from './gather.js'
import { lockCluster } from './lock.js'
import type { CommonOptions, Listener, Surroundings } from './options.js'
import { exitCodeOfChecks, notApproved, reachChecks, requireGoing } from './refusals.js'
import { describeToken, describeUnsettled, findUnsettled, settle, type Unsettled } from './settle.js'
import { openSite, type Site } from './site.js'

export interface RecoverResult {
  exitCode: ExitCode
  /** What dead runs left on hosts and in the cluster, and what becomes of it; a line each. */
  left: string[]
  /** Hosts that could not be looked at or not be settled; a later call tries again. */
  failures: { host: string; error: YurtSshError }[]
  /** Whether anything was changed. */
  settled: boolean
}

/** Whom `recover` tells and asks. */
type Asker = Listener & Pick<Surroundings, 'approveRecovery'>

const asks: Asks = { hosts: 'selected', belongings: false }

interface Left {
  survey: Survey
  unsettled: Unsettled[]
  /** Ids of bootstrap tokens. */
  tokens: string[]
  lines: string[]
}

/** Finishes or undoes what dead runs left on hosts, and removes what they made for themselves; nothing else. */
export async function recover(given: CommonOptions, surroundings: Asker): Promise<RecoverResult> {
  const site = await openSite(given, surroundings)
  site.warnings.forEach(surroundings.tell)
  try {
    if (given.check) return await foretell(site, surroundings)
    const { lock, stop } = await lockCluster(`recover-${process.pid}`, site, surroundings)
    try {
      return await recoverSite(site, { ...surroundings, signal: stop })
    } finally {
      await lock.release().catch((error: unknown) => surroundings.tell(`the lock stays: ${messageOf(error)}`))
    }
  } finally {
    site.close()
  }
}

async function foretell(site: Site, { signal }: Listener): Promise<RecoverResult> {
  const lock = heldLock(await readLock(site.cluster, { signal }))
  const { survey, lines } = await look(site, signal)
  const left = lock === null ? lines : [`cluster: ${lockLines(lock, Date.now()).join(', ')}`, ...lines]
  const pending = left.length > 0 ? ExitCode.changesPending : ExitCode.done
  return resultOf(survey, { left, settled: false, exitCode: pending })
}

async function recoverSite(site: Site, surroundings: Asker): Promise<RecoverResult> {
  const { survey, unsettled, tokens, lines } = await look(site, surroundings.signal)
  if (lines.length === 0) return resultOf(survey, { left: [], settled: false, exitCode: ExitCode.done })
  if (!(await surroundings.approveRecovery(lines))) throw notApproved()
  requireGoing(surroundings.signal)
  const spoilt = await settle(site, unsettled, surroundings.signal)
  for (const id of tokens) await removeRunToken(site.cluster, id)
  const exitCode = surroundings.signal.aborted ? ExitCode.interrupted : ExitCode.done
  return resultOf(
    { failures: new Map([...survey.failures, ...spoilt]) },
    { left: lines, settled: tokens.length > 0 || unsettled.some(({ host }) => !spoilt.has(host)), exitCode },
  )
}

async function look(site: Site, signal: AbortSignal): Promise<Left> {
  const survey = await gather(site, asks, signal)
  const unsettled = findUnsettled(survey.facts).filter(({ host }) => site.selected.has(host))
  const { runTokens } = survey.fleet.cluster
  const tokens = runTokens.map(({ name }) => name.replace('bootstrap-token-', ''))
  const lines = [...unsettled.map(describeUnsettled), ...runTokens.map(describeToken)]
  return { survey, unsettled, tokens, lines }
}

function resultOf(
  { failures }: Pick<Survey, 'failures'>,
  found: Pick<RecoverResult, 'left' | 'settled' | 'exitCode'>,
): RecoverResult {
  return {
    ...found,
    failures: [...failures].map(([host, error]) => ({ host, error })),
    exitCode: worstExitCode([found.exitCode, exitCodeOfChecks(reachChecks({ failures }))]),
  }
}
