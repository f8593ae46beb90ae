import { YurtSshError } from '../errors.js'
import { explainPods, podState } from './diagnosis.js'
import { type Look, notAvailable, poll, type WaitOptions } from './poll.js'
import type { Cluster, KubeObject, RequestOptions } from './types.js'
import { getDeployment, selectorOf } from './waits.js'

interface LeaseSpec {
  holderIdentity?: string
  renewTime?: string
}

interface PodBody {
  spec?: { nodeName?: string; hostname?: string }
  status?: { containerStatuses?: { state?: { running?: { startedAt?: string } } }[] }
}

/**
 * Until the Lease is held by a running pod of the Deployment and was seen being renewed since that pod's container
 * started. It proves what no probe does: that the pod reaches the API and leads.
 * @throws YurtSshError CLUSTER_NOT_AVAILABLE with the pods' own words
 */
export async function waitLeaseHeld(
  cluster: Cluster,
  lease: { namespace: string; name: string; deployment: string },
  options: WaitOptions,
): Promise<void> {
  const { namespace, name, deployment } = lease
  const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name }
  let selector = ''
  let before: LeaseSpec | undefined
  await poll(
    async (request): Promise<Look<true>> => {
      const found = await podsOf(cluster, namespace, deployment, request)
      selector = found.selector
      const spec = (await cluster.get(ref, request))?.spec as LeaseSpec | undefined
      const missing = unproven(spec, before, found.pods)
      before = spec
      return missing === null ? { done: true } : { waiting: `Lease ${namespace}/${name}: ${missing}` }
    },
    async (waiting) =>
      new YurtSshError(
        notAvailable,
        `${deployment} did not take up its Lease within ${options.timeoutSeconds} s: ${waiting}`,
        {
          detail: await explainPods(cluster, namespace, selector),
          hint: `does the pod reach the API server from its node? kubectl -n ${namespace} logs deployment/${deployment}`,
        },
      ),
    options,
  )
}

/**
 * Until another process than `before`, or any without it, holds the Lease and was seen renewing it. Leader election puts
 * a new identity (`<host>_<uuid>`) into it with every start of the process (kubernetes: cmd/kube-controller-manager/app).
 * @throws YurtSshError CLUSTER_NOT_AVAILABLE
 */
export async function waitLeaderChanged(
  cluster: Cluster,
  lease: { namespace: string; name: string; before?: string },
  options: WaitOptions,
): Promise<void> {
  const { namespace, name, before } = lease
  const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name }
  let last: LeaseSpec | undefined
  await poll(
    async (request): Promise<Look<true>> => {
      const { holderIdentity = '', renewTime = '' } = ((await cluster.get(ref, request))?.spec ??
        {}) as LeaseSpec
      const renewed = last?.holderIdentity === holderIdentity && last.renewTime !== renewTime
      last = { holderIdentity, renewTime }
      if (holderIdentity !== '' && holderIdentity !== before && renewed) return { done: true }
      return { waiting: `Lease ${namespace}/${name} is held by ${holderIdentity || 'nobody'}` }
    },
    (waiting) =>
      new YurtSshError(notAvailable, `no new leader within ${options.timeoutSeconds} s: ${waiting}`, {
        hint: `kubectl -n ${namespace} get pods -l component=${name}`,
      }),
    options,
  )
}

/** What is missing to the proof that one of the pods holds the Lease; null when nothing is. */
export function unproven(
  lease: LeaseSpec | undefined,
  before: LeaseSpec | undefined,
  pods: readonly KubeObject[],
): string | null {
  const { holderIdentity = '', renewTime = '' } = lease ?? {}
  if (holderIdentity === '') return 'nobody holds it'
  const running = pods.filter((pod) => startedAt(pod) !== null)
  if (running.length === 0) return pods.length === 0 ? 'there is no pod' : pods.map(podState).join('; ')
  const holder = running.find((pod) => isHolder(pod, holderIdentity))
  if (holder === undefined) return `held by ${holderIdentity}, which is no running pod of it`
  if (
    before?.holderIdentity !== holderIdentity ||
    Date.parse(renewTime) <= Date.parse(before.renewTime ?? '')
  )
    return 'not renewed yet'
  if (Date.parse(renewTime) < (startedAt(holder) ?? 0)) return 'not renewed since the pod started'
  return null
}

/** A holder is `<host name>_<uuid>`; on the host network the host name is the node's, with or without its domain. */
function isHolder(pod: KubeObject, holderIdentity: string): boolean {
  const host = holderIdentity.replace(/_[^_]*$/, '').toLowerCase()
  const { nodeName = '', hostname } = (pod as PodBody).spec ?? {}
  const short = (name: string) => name.split('.', 1)[0]
  return (
    [nodeName, hostname, pod.metadata.name].some((name) => name === host) ||
    short(host) === short(nodeName.toLowerCase())
  )
}

/** When its container started, in milliseconds; null while it does not run. */
function startedAt(pod: KubeObject): number | null {
  if (pod.metadata.deletionTimestamp !== undefined) return null
  const started = (pod as PodBody).status?.containerStatuses?.[0]?.state?.running?.startedAt
  return started === undefined ? null : Date.parse(started)
}

async function podsOf(cluster: Cluster, namespace: string, name: string, request: RequestOptions) {
  const deployment = await getDeployment(cluster, namespace, name, request)
  if (deployment === null) return { selector: '', pods: [] }
  const selector = selectorOf(deployment)
  return {
    selector,
    pods: await cluster.list('v1', 'Pod', { ...request, namespace, labelSelector: selector }),
  }
}
