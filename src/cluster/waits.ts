import { YurtSshError } from '../errors.js'
import { explainPods, podState } from './diagnosis.js'
import { type Look, notAvailable, poll, type WaitOptions } from './poll.js'
import type { Cluster, KubeObject, RequestOptions } from './types.js'

interface DeploymentBody {
  spec?: { replicas?: number; selector?: { matchLabels?: Record<string, string> } }
  status?: {
    observedGeneration?: number
    updatedReplicas?: number
    availableReplicas?: number
    replicas?: number
    conditions?: { type: string; status: string; message?: string }[]
  }
}

/**
 * Until the Deployment is Available in its current generation, without pods of an older one.
 * @throws YurtSshError CLUSTER_NOT_AVAILABLE with the pods' own words
 */
export async function waitDeployment(
  cluster: Cluster,
  namespace: string,
  name: string,
  options: WaitOptions,
): Promise<void> {
  let selector = ''
  await poll(
    async (request): Promise<Look<true>> => {
      const deployment = await getDeployment(cluster, namespace, name, request)
      if (deployment === null) return { waiting: `Deployment ${namespace}/${name} does not exist` }
      selector = selectorOf(deployment)
      const missing = unavailable(deployment)
      return missing === null ? { done: true } : { waiting: `Deployment ${namespace}/${name}: ${missing}` }
    },
    async (waiting) =>
      new YurtSshError(
        notAvailable,
        `Deployment ${namespace}/${name} was not available within ${options.timeoutSeconds} s: ${waiting}`,
        {
          detail: await explainPods(cluster, namespace, selector),
          hint: `can its pods be scheduled, and their image be pulled? kubectl -n ${namespace} describe pod -l ${selector}`,
        },
      ),
    options,
  )
}

/** What a Deployment lacks to be Available; null when nothing. */
export function unavailable(deployment: KubeObject): string | null {
  const { spec, status } = deployment as DeploymentBody
  const { generation } = deployment.metadata as { generation?: number }
  const wanted = spec?.replicas ?? 1
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status ?? {}
  if ((status?.observedGeneration ?? 0) < (generation ?? 0)) return 'its controller has not seen it yet'
  if (updatedReplicas < wanted) return `${updatedReplicas} of ${wanted} pods are of the current generation`
  if (replicas > updatedReplicas) return `${replicas - updatedReplicas} old pods are still there`
  if (availableReplicas < wanted) return `${availableReplicas} of ${wanted} pods are available`
  return null
}

/** Until no pod matches, those being deleted included; `node` narrows it to one node. */
export async function waitPodsGone(
  cluster: Cluster,
  where: { namespace: string; selector: string; node?: string },
  options: WaitOptions,
): Promise<void> {
  const { namespace, selector, node } = where
  const field = node === undefined ? {} : { fieldSelector: `spec.nodeName=${node}` }
  await poll(
    async (request): Promise<Look<true>> => {
      const pods = await cluster.list('v1', 'Pod', {
        ...request,
        ...field,
        namespace,
        labelSelector: selector,
      })
      return pods.length === 0 ? { done: true } : { waiting: pods.slice(0, 5).map(podState).join('; ') }
    },
    (waiting) =>
      new YurtSshError(
        notAvailable,
        `pods with ${selector} in ${namespace} were still there after ${options.timeoutSeconds} s: ${waiting}`,
        {
          hint: 'a pod on a node that is not Ready stays until the node is back, or until it is deleted with --force',
        },
      ),
    options,
  )
}

/** The Deployment, or null. */
export function getDeployment(
  cluster: Cluster,
  namespace: string,
  name: string,
  request: RequestOptions,
): Promise<KubeObject | null> {
  return cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }, request)
}

/** A Deployment's selector as a query. */
export function selectorOf(deployment: KubeObject): string {
  const labels = (deployment as DeploymentBody).spec?.selector?.matchLabels ?? {}
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}
