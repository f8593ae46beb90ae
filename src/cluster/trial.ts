import { messageOf, type YurtSshError } from '../errors.js'
import { hasCode } from './api-errors.js'
import { applyObject } from './apply.js'
import {
  type Cluster,
  type ClusterStep,
  type NodeChange,
  type RequestOptions,
  refOf,
  refText,
} from './types.js'

/** What the API server would not take, tried with `dryRun=All`; by the name of a node, or an object's name for people. */
export interface Trials {
  nodes: ReadonlyMap<string, Refusal>
  objects: ReadonlyMap<string, Refusal>
}

export interface Refusal {
  message: string
  hint?: string
  /** Nobody knows: a webhook that takes no part in a dry run would be asked. */
  untried: boolean
}

type Applied = ClusterStep & { kind: 'apply' }

/** Labels and annotations of one node, as one write. */
export function tryNodeChanges(
  cluster: Cluster,
  node: string,
  changes: readonly NodeChange[],
  request: RequestOptions,
): Promise<Refusal | undefined> {
  const of = (kind: NodeChange['kind']): Record<string, string | null> =>
    Object.fromEntries(changes.filter((change) => change.kind === kind).map(({ key, value }) => [key, value]))
  const metadata = { labels: of('label'), annotations: of('annotate') }
  const ref = { apiVersion: 'v1', kind: 'Node', name: node }
  return refusalOf(cluster.patch(ref, { metadata }, 'merge', { ...request, dryRun: true }))
}

export function tryObject(
  cluster: Cluster,
  { object }: Applied,
  request: RequestOptions,
): Promise<Refusal | undefined> {
  return refusalOf(applyObject(cluster, object, { ...request, dryRun: true }))
}

export const objectOf = ({ object }: Applied): string => refText(refOf(object))

/**
 * What the API server said of a trial. That the object changed meanwhile, or is another's, is for other checks.
 * @throws YurtSshError where there was no answer
 */
async function refusalOf(trial: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await trial
    return undefined
  } catch (error) {
    if (hasCode(error, 'API_CONFLICT', 'GUARD_FOREIGN_OBJECT')) return undefined
    if (!hasCode(error, 'API_FORBIDDEN', 'API_INVALID', 'API_NOT_FOUND', 'API_UNAVAILABLE')) throw error
    return refusal(error)
  }
}

function refusal(error: YurtSshError): Refusal {
  return {
    message: messageOf(error),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    untried: error.message.includes('does not support dry run'),
  }
}
