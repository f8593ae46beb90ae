import { messageOf, YurtSshError } from '../errors.js'
import type { HostFacts } from '../node/types.js'
import { forgetScript } from '../rollout/scripts.js'
import { awaitTransaction, recoverTransaction } from '../rollout/transaction.js'
import type { HostSession } from '../ssh/types.js'
import type { Site } from './site.js'

/** What a dead run left on a host, and what is done about it. */
export interface Unsettled {
  host: string
  /** The transaction's id. */
  id: string
  action: 'wait' | 'undo' | 'close' | 'forget'
}

/** No transaction takes longer, undo included. */
const waitSeconds = 1800

const activeStates = ['active', 'activating', 'deactivating', 'reloading']

/** Transactions that are under way, were left open, or were undone and not tidied up. */
export function findUnsettled(facts: ReadonlyMap<string, HostFacts>): Unsettled[] {
  return [...facts].flatMap(([host, { state }]) => {
    const holder = state.lock.split(' ')[0] ?? ''
    if (activeStates.includes(state.unit) && holder !== '')
      return [{ host, id: holder, action: 'wait' as const }]
    // a lock that nothing holds any more: the undo closes what it belongs to, whatever its result
    const committed = new Set(state.journals.filter((journal) => journal.committed).map(({ id }) => id))
    const open = (id: string): Unsettled => ({ host, id, action: committed.has(id) ? 'close' : 'undo' })
    if (holder !== '') return [open(holder)]
    return state.journals.flatMap(({ id, result }): Unsettled[] => {
      if (result === 'open' || result === 'undo-failed') return [open(id)]
      return result === 'undone' ? [{ host, id, action: 'forget' }] : []
    })
  })
}

/** One line each, for the operator to see before it happens. */
export function describeUnsettled({ host, id, action }: Unsettled): string {
  if (action === 'wait') return `${host}: waits for the transaction ${id}, which is under way`
  if (action === 'close') return `${host}: closes the transaction ${id}, which committed before its run died`
  return action === 'undo'
    ? `${host}: undoes the transaction ${id}, which a dead run left open`
    : `${host}: tidies up after ${id}, which was undone`
}

/** The same of a bootstrap token that a dead run made. */
export function describeToken({ name, run }: { name: string; run: string }): string {
  return `cluster: removes Secret kube-system/${name} of run ${run}`
}

/**
 * Finishes or undoes what dead runs left, host by host. Returns why that failed, by inventory name: such a host is left
 * to a later run.
 */
export async function settle(
  site: Site,
  unsettled: readonly Unsettled[],
  signal: AbortSignal,
): Promise<Map<string, YurtSshError>> {
  const spoilt = new Map<string, YurtSshError>()
  const work = [...groupByHost(unsettled)].map(async ([host, list]) => {
    try {
      for (const item of list) await settleOne(site, item, signal)
    } catch (error) {
      spoilt.set(
        host,
        error instanceof YurtSshError
          ? error
          : new YurtSshError('HOST_UNSETTLED', messageOf(error), { host }),
      )
    }
  })
  await Promise.all(work)
  return spoilt
}

/** One host's transactions in their order; different hosts at the same time. */
function groupByHost(unsettled: readonly Unsettled[]): Map<string, Unsettled[]> {
  const byHost = new Map<string, Unsettled[]>()
  for (const item of unsettled) byHost.set(item.host, [...(byHost.get(item.host) ?? []), item])
  return byHost
}

async function settleOne(site: Site, { host, id, action }: Unsettled, signal: AbortSignal): Promise<void> {
  const connect = (): Promise<HostSession> => site.connect(host)
  let result = action === 'forget' ? 'undone' : ''
  if (action === 'wait') result = await awaitTransaction(connect, id, waitSeconds, { signal })
  if (action === 'undo' || action === 'close') result = await recoverTransaction(connect, id, { signal })
  if (result !== 'undone') return
  const { status, stderr } = await (await connect()).run(forgetScript(id), { timeoutSeconds: 60 })
  if (status !== 0) {
    throw new YurtSshError(
      'HOST_UNSETTLED',
      `the transaction ${id} was undone, its folder stays: ${stderr.trim() || 'it is locked'}`,
      { host },
    )
  }
}
