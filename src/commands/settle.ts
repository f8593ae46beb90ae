import type { HostFacts } from '../node/types.js'
import { forgetScript } from '../rollout/scripts.js'
import { awaitTransaction, recoverTransaction } from '../rollout/transaction.js'
import type { Site } from './site.js'

/** What a dead run left on a host, and what is done about it. */
export interface Unsettled {
  host: string
  /** The transaction's id. */
  id: string
  action: 'wait' | 'undo' | 'forget'
}

const activeStates = ['active', 'activating', 'deactivating', 'reloading']

/** Transactions that are under way, were left open, or were undone and not tidied up. */
export function findUnsettled(facts: ReadonlyMap<string, HostFacts>): Unsettled[] {
  return [...facts].flatMap(([host, { state }]) => {
    const holder = state.lock.split(' ')[0] ?? ''
    if (activeStates.includes(state.unit) && holder !== '')
      return [{ host, id: holder, action: 'wait' as const }]
    // a lock that nothing holds any more: the undo closes what it belongs to, whatever its result
    if (holder !== '') return [{ host, id: holder, action: 'undo' as const }]
    return state.journals.flatMap(({ id, result }): Unsettled[] => {
      if (result === 'open' || result === 'undo-failed') return [{ host, id, action: 'undo' }]
      return result === 'undone' ? [{ host, id, action: 'forget' }] : []
    })
  })
}

/** One line each, for the operator to see before it happens. */
export function describeUnsettled({ host, id, action }: Unsettled): string {
  if (action === 'wait') return `${host}: waits for the transaction ${id}, which is under way`
  return action === 'undo'
    ? `${host}: undoes the transaction ${id}, which a dead run left open`
    : `${host}: tidies up after ${id}, which was undone`
}

/** Finishes or undoes what dead runs left. */
export async function settle(site: Site, unsettled: readonly Unsettled[]): Promise<void> {
  await Promise.all(
    unsettled.map(async ({ host, id, action }) => {
      const connect = () => site.connect(host)
      let result = action === 'forget' ? 'undone' : ''
      if (action === 'wait') result = await awaitTransaction(connect, id, 1800)
      if (action === 'undo') result = await recoverTransaction(connect, id)
      if (result === 'undone') await (await connect()).run(forgetScript(id), { timeoutSeconds: 60 })
    }),
  )
}
