import { waitMirrorPod, waitNodeReady } from '../cluster/node-waits.js'
import type { Cluster } from '../cluster/types.js'
import { messageOf, YurtSshError } from '../errors.js'
import type { Confirmation, HostWork } from '../plan/types.js'
import type { HostContext } from './context.js'
import { runTransaction } from './transaction.js'

/** Seconds for the first look, and for a second once the API is known to answer. */
const looks = { first: 240, second: 90 }

/**
 * The API's side of a committed host. Where it answers and disagrees with a conversion, the host is taken back; an API
 * that is away disagrees with nothing.
 * @throws YurtSshError HOST_UNCONFIRMED, which says whether the host stays converted
 */
export async function confirm(
  work: HostWork,
  confirmation: Confirmation,
  context: HostContext,
  seconds = looks,
): Promise<void> {
  try {
    await look(context.cluster, work.node, confirmation, seconds.first)
  } catch (error) {
    const doubt = await secondLook(work.node, confirmation, context.cluster, error, seconds.second)
    if (doubt === undefined) return
    if (!doubt.taken) throw unconfirmed(work.host, doubt.error, 'it stays as it is: run again to confirm it')
    await takeBack(work, doubt.error, context)
  }
}

/** Undefined when the second look confirms; `taken` when the API answers and still disagrees. */
async function secondLook(
  node: string,
  confirmation: Confirmation,
  cluster: Cluster,
  first: unknown,
  timeoutSeconds: number,
): Promise<{ error: unknown; taken: boolean } | undefined> {
  const answers = await cluster.version().then(
    () => true,
    () => false,
  )
  if (!answers) return { error: first, taken: false }
  try {
    await look(cluster, node, confirmation, timeoutSeconds)
    return undefined
  } catch (error) {
    const disagrees = error instanceof YurtSshError && error.code === 'CLUSTER_NOT_AVAILABLE'
    return { error, taken: disagrees }
  }
}

async function look(
  cluster: Cluster,
  node: string,
  confirmation: Confirmation,
  timeoutSeconds: number,
): Promise<void> {
  const namespace = 'kube-system'
  if (confirmation.kind === 'controller-manager') {
    const name = `kube-controller-manager-${node}`
    await waitMirrorPod(cluster, { timeoutSeconds, namespace, name, hashBefore: confirmation.before })
    return
  }
  const { after } = confirmation
  await waitNodeReady(cluster, node, { timeoutSeconds, ...(after === undefined ? {} : { after }) })
  if (confirmation.mirrorPod !== undefined)
    await waitMirrorPod(cluster, { timeoutSeconds, namespace, name: confirmation.mirrorPod })
}

async function takeBack(work: HostWork, doubt: unknown, context: HostContext): Promise<never> {
  const undo = await context.planUndo(work)
  if (undo === undefined) throw unconfirmed(work.host, doubt, 'it stays as it is')
  try {
    const script = { ...context.script, runId: `${context.script.runId}-undo`, node: work.node }
    await runTransaction(() => context.connect(work.host), undo, script)
  } catch (error) {
    throw unconfirmed(
      work.host,
      doubt,
      `it could not be taken back (${messageOf(error)}) and stays converted`,
    )
  }
  throw unconfirmed(work.host, doubt, 'taken back')
}

function unconfirmed(host: string, cause: unknown, what: string): YurtSshError {
  return new YurtSshError(
    'HOST_UNCONFIRMED',
    `committed, but the API does not confirm it: ${messageOf(cause)}; ${what}`,
    {
      host,
      cause,
    },
  )
}
