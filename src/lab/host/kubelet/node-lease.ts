import type { KubeletClient } from './client.js'

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

interface Lease {
  spec: Record<string, unknown>
}

/** Renews the node's Lease, or makes it. `time` is a MicroTime. */
export async function renewNodeLease(client: KubeletClient, node: string, time: string): Promise<void> {
  const lease = await client.read<Lease>(`${leases}/${node}`)
  if (lease !== undefined) {
    const renewed = { ...lease, spec: { ...lease.spec, renewTime: time } }
    await client.send('PUT', `${leases}/${node}`, renewed)
    return
  }
  await client.send('POST', leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: node, namespace: 'kube-node-lease' },
    spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: time },
  })
}
