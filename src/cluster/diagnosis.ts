import { messageOf } from '../errors.js'
import { counted } from '../words.js'
import type { Cluster, KubeObject, RequestOptions } from './types.js'

interface ContainerState {
  waiting?: { reason?: string; message?: string }
  terminated?: { reason?: string; exitCode?: number }
}

interface PodBody {
  spec?: { nodeName?: string }
  status?: {
    phase?: string
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
    containerStatuses?: {
      name: string
      restartCount: number
      ready: boolean
      state?: ContainerState
      lastState?: ContainerState
    }[]
  }
}

interface EventBody {
  type?: string
  reason?: string
  message?: string
  lastTimestamp?: string | null
  eventTime?: string | null
}

const logLines = 10
const eventCount = 4
/** An explanation must not hang on the API that failed. */
const request: RequestOptions = { timeoutSeconds: 5 }

/** What the pods of a selector say about themselves: state and reason, last events, last log lines. Never throws. */
export async function explainPods(
  cluster: Cluster,
  namespace: string,
  labelSelector: string,
): Promise<string> {
  try {
    const pods = await cluster.list('v1', 'Pod', { ...request, namespace, labelSelector })
    if (pods.length === 0) return `there is no pod with ${labelSelector} in ${namespace}`
    return (await Promise.all(pods.slice(0, 3).map((pod) => explainPod(cluster, pod)))).join('\n')
  } catch (error) {
    return `no more is known: ${messageOf(error)}`
  }
}

/** One line on a pod's state: phase, what it waits for, restarts. */
export function podState(pod: KubeObject): string {
  const { spec, status } = pod as PodBody
  const unmet = status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  const containers = status?.containerStatuses?.filter(({ ready }) => !ready).map(containerState) ?? []
  const where = spec?.nodeName === undefined ? '' : ` on ${spec.nodeName}`
  const reasons = [...(unmet ? [`${unmet.reason}: ${unmet.message}`] : []), ...containers]
  const deleting = pod.metadata.deletionTimestamp === undefined ? '' : ', being deleted'
  return `pod ${pod.metadata.name}${where} is ${status?.phase ?? 'unknown'}${deleting}${reasons.map((reason) => `, ${reason}`).join('')}`
}

function containerState(
  container: NonNullable<NonNullable<PodBody['status']>['containerStatuses']>[number],
): string {
  const { waiting, terminated } = container.state ?? {}
  const last = terminated ?? container.lastState?.terminated
  const now = waiting ? [waiting.reason, waiting.message].filter(Boolean).join(': ') : 'not ready'
  const ended = last ? `, ended with ${last.reason ?? ''} ${last.exitCode ?? ''}`.trimEnd() : ''
  const restarts = container.restartCount > 0 ? `, ${counted(container.restartCount, 'restart')}` : ''
  return `container ${container.name} ${terminated ? 'has ended' : now}${ended}${restarts}`
}

async function explainPod(cluster: Cluster, pod: KubeObject): Promise<string> {
  const { name, namespace = '' } = pod.metadata
  const events = await lastEvents(cluster, namespace, name).catch(() => [])
  const log = await lastLog(cluster, pod).catch(() => '')
  return [podState(pod), ...events.map((event) => `  event ${event}`), ...indented(log)].join('\n')
}

async function lastEvents(cluster: Cluster, namespace: string, pod: string): Promise<string[]> {
  const fieldSelector = `involvedObject.name=${pod}`
  const events = (await cluster.list('v1', 'Event', { ...request, namespace, fieldSelector })) as EventBody[]
  const time = (event: EventBody) => event.lastTimestamp ?? event.eventTime ?? ''
  const sorted = events.toSorted((a, b) => time(a).localeCompare(time(b))).slice(-eventCount)
  return sorted.map((event) => `${event.type ?? ''} ${event.reason ?? ''}: ${event.message ?? ''}`)
}

/** Of a container that keeps ending, the run before says why. */
async function lastLog(cluster: Cluster, pod: KubeObject): Promise<string> {
  const [container] = (pod as PodBody).status?.containerStatuses ?? []
  if (container === undefined) return ''
  const previous = container.state?.waiting !== undefined && container.restartCount > 0
  const { name, namespace = '' } = pod.metadata
  return cluster.podLog(namespace, name, {
    ...request,
    container: container.name,
    tailLines: logLines,
    previous,
  })
}

function indented(log: string): string[] {
  return log.trimEnd() === ''
    ? []
    : [
        '  last log lines:',
        ...log
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`),
      ]
}
