import type { KubeletClient } from './client.js'

/** What a kubelet says of its machine. */
export interface Machine {
  node: string
  address: string
  arch: string
  bootId: string
  kubeletVersion: string
  containerRuntime: string
}

const merge = 'application/merge-patch+json'

/** Makes the Node where it is not there; labels and taints of one that is stay. */
export async function registerNode(client: KubeletClient, machine: Machine): Promise<void> {
  const { node, arch } = machine
  if ((await client.send('GET', `/api/v1/nodes/${node}`)).status !== 404) return
  const labels = {
    'beta.kubernetes.io/arch': arch,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': arch,
    'kubernetes.io/hostname': node,
    'kubernetes.io/os': 'linux',
  }
  await client.send('POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node, labels },
  })
}

/** Posts the status of a machine that is well. False when the API did not take it. */
export async function postNodeStatus(
  client: KubeletClient,
  machine: Machine,
  images: readonly string[],
  seconds: string,
): Promise<boolean> {
  const { node, address, arch, bootId, kubeletVersion, containerRuntime } = machine
  const live = await client.read<{ status?: { conditions?: Condition[] } }>(`/api/v1/nodes/${node}`)
  if (live === undefined) return false
  const had = new Map((live.status?.conditions ?? []).map((condition) => [condition.type, condition]))
  const condition = (type: string, status: string, reason: string): Condition => {
    const before = had.get(type)
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? seconds) : seconds
    return { type, status, reason, message: '', lastHeartbeatTime: seconds, lastTransitionTime }
  }
  const own = [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
    condition('Ready', 'True', 'KubeletReady'),
  ]
  const resources = { cpu: '2', memory: '2048Mi', pods: '110', 'ephemeral-storage': '20Gi' }
  const status = {
    conditions: [...[...had.values()].filter(({ type }) => own.every((mine) => mine.type !== type)), ...own],
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: node },
    ],
    capacity: resources,
    allocatable: resources,
    nodeInfo: {
      architecture: arch,
      operatingSystem: 'linux',
      osImage: 'yurt-ssh embedded lab',
      kernelVersion: '5.10.0-21-lab',
      kubeletVersion,
      kubeProxyVersion: kubeletVersion,
      containerRuntimeVersion: containerRuntime,
      bootID: bootId,
      machineID: bootId.replaceAll('-', ''),
      systemUUID: bootId,
    },
    images: images.map((name) => ({ names: [name] })),
  }
  const { status: code } = await client.send('PATCH', `/api/v1/nodes/${node}/status`, { status }, merge)
  return code === 200
}

interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
  lastHeartbeatTime?: string
  lastTransitionTime?: string
}
