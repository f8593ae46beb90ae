import { YurtSshError } from '../errors.js'
import { explainPods, podState } from './diagnosis.js'
import { type Look, notAvailable, poll, type WaitOptions } from './poll.js'
import { refusalHint } from './refusal.js'
import type { Cluster, KubeObject, RequestOptions } from './types.js'

const refusedSeconds = 10

interface DeploymentBody {
  spec?: { replicas?: number; selector?: { matchLabels?: Record<string, string> } }
  status?: {
    observedGeneration?: number
    updatedReplicas?: number
    availableReplicas?: number
    replicas?: number
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}

export interface DeploymentWait extends WaitOptions {
  /** How long its pods may be refused before that is taken for final; 10 when not given. */
  refusedSeconds?: number
}

/**
 * Until the Deployment is Available in its current generation, without pods of an older one. A refusal of its pods by the
 * API server may pass, such as a service account that admission has not seen yet; one that stands ends the wait.
 * @throws YurtSshError CLUSTER_NOT_AVAILABLE with the API server's or the pods' own words
 */
export async function waitDeployment(
  cluster: Cluster,
  namespace: string,
  name: string,
  options: DeploymentWait,
): Promise<void> {
  const what = `Deployment ${namespace}/${name}`
  let selector = ''
  let refusal: string | null = null
  let refusedSince = 0
  const refused = (): YurtSshError =>
    new YurtSshError(notAvailable, `${what}: its pods cannot be created: ${refusal}`, {
      hint: `${refusalHint(refusal ?? '') ?? 'the words say what the API server minds'}; then let its controller try again at once, \`kubectl -n ${namespace} delete rs -l ${selector}\`, and run again`,
    })
  await poll(
    async (request): Promise<Look<true>> => {
      const deployment = await getDeployment(cluster, namespace, name, request)
      if (deployment === null) return { waiting: `${what} does not exist` }
      selector = selectorOf(deployment)
      const missing = unavailable(deployment)
      if (missing === null) return { done: true }
      const before = refusal
      refusal = refusedPods(deployment)
      if (refusal === null) return { waiting: `${what}: ${missing}` }
      if (before === null) refusedSince = performance.now()
      if (performance.now() - refusedSince >= (options.refusedSeconds ?? refusedSeconds) * 1000)
        throw refused()
      return { waiting: `${what}: its pods cannot be created: ${refusal}` }
    },
    async (waiting) =>
      refusal === null
        ? new YurtSshError(
            notAvailable,
            `${what} was not available within ${options.timeoutSeconds} s: ${waiting}`,
            {
              detail: await explainPods(cluster, namespace, selector),
              hint: `can its pods be scheduled, and their image be pulled? kubectl -n ${namespace} describe pod -l ${selector}`,
            },
          )
        : refused(),
    options,
  )
}

/** What the API server said to the creation of its pods, as its ReplicaSet tells; null where it takes them. */
function refusedPods(deployment: KubeObject): string | null {
  const { conditions = [] } = (deployment as DeploymentBody).status ?? {}
  const failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
  return failure === undefined ? null : (failure.message ?? failure.reason ?? 'no reason is given')
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
