import { expect } from 'vitest'
import { getNode, readyOf } from './api.js'
import { edgeNodes, embedded } from './lab.js'
import {
  controllerManagers,
  hubMetrics,
  inNode,
  kubeletArguments,
  kubeletPeers,
  kubeletStarted,
  lastFlag,
  metricSum,
} from './nodes.js'
import { waitFor } from './wait.js'

const ourKubeconfig = '/var/lib/openyurt/kubelet.conf'

/** The running kubelet takes our kubeconfig and never its own again, not even to bootstrap. */
export async function expectRedirected(node: string): Promise<void> {
  const args = await kubeletArguments(node)
  expect(lastFlag(args, 'kubeconfig'), `the last --kubeconfig of ${args.join(' ')}`).toBe(ourKubeconfig)
  expect(lastFlag(args, 'bootstrap-kubeconfig'), `the last --bootstrap-kubeconfig of ${args.join(' ')}`).toBe(
    '',
  )
}

/** The opposite: the kubelet takes its own kubeconfig and talks to the API server itself. */
export async function expectNotRedirected(node: string): Promise<void> {
  const args = await kubeletArguments(node)
  expect(lastFlag(args, 'kubeconfig'), `the last --kubeconfig of ${args.join(' ')}`).toBe(
    '/etc/kubernetes/kubelet.conf',
  )
  const peers = await kubeletPeers(node)
  expect(peers, `${node}: the kubelet holds connections to the API server`).toContainEqual(
    expect.stringMatching(/:6443$/),
  )
  expect(peers, `${node}: and none to a hub`).not.toContain('127.0.0.1:10261')
}

/** The kubelet's requests arrive at the hub, and nowhere else. */
export async function expectThroughHub(node: string): Promise<void> {
  const peers = await kubeletPeers(node)
  expect(peers, `${node}: the kubelet holds connections to the hub`).toContain('127.0.0.1:10261')
  expect(
    peers.filter((peer) => peer.endsWith(':6443')),
    `${node}: the kubelet holds no connection past the hub`,
  ).toEqual([])
  const metrics = await hubMetrics(node)
  const watches = metricSum(
    metrics,
    'node_yurthub_in_flight_requests_collector',
    'client="kubelet"',
    'verb="watch"',
  )
  // the embedded lab's kubelet asks again and again, it holds no watch
  if (!embedded) expect(watches, `${node}: watches of the kubelet that the hub carries`).toBeGreaterThan(0)
  if (!edgeNodes.some((edge) => edge === node)) return
  const before = traffic(metrics)
  await waitFor(`${node}: more bytes from the kubelet through the hub than ${before}`, 60, async () => {
    const now = traffic(await hubMetrics(node))
    return now > before ? { done: true } : { waiting: `node_yurthub_proxy_traffic_collector stays at ${now}` }
  })
}

function traffic(metrics: string): number {
  return metricSum(metrics, 'node_yurthub_proxy_traffic_collector', 'client="kubelet"')
}

/** Ready by the kubelet's own word, given since it was started the last time. */
export async function expectFreshHeartbeat(node: string): Promise<void> {
  const started = await kubeletStarted(node)
  const { status, lastHeartbeatTime } = readyOf(await getNode(node))
  expect(status, `${node} Ready`).toBe('True')
  expect(
    new Date(lastHeartbeatTime).getTime(),
    `${node}: heartbeat of ${lastHeartbeatTime}, kubelet of ${started.toISOString()}`,
  ).toBeGreaterThanOrEqual(started.getTime())
}

/** The --controllers of the kube-controller-manager that runs on a master. */
export async function runningControllers(node: string): Promise<string> {
  const text = await inNode(
    node,
    `${controllerManagers}
     for cmdline in $(controller_managers); do tr '\\0' '\\n' < "$cmdline"; done`,
  )
  return text.split('\n').find((argument) => argument.startsWith('--controllers=')) ?? 'no --controllers'
}

/** Everything that makes a node with a hub a converted one. */
export async function expectConverted(node: string): Promise<void> {
  await expectRedirected(node)
  await expectThroughHub(node)
  await expectFreshHeartbeat(node)
}
