import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { api, getObject, listObjects, type NodeObject, readyOf } from '../support/api.js'
import { allNodes, labDirectory } from '../support/lab.js'
import { inNode, startKubelet, stopKubelet } from '../support/nodes.js'
import { isEvicted, removePods, runPod } from '../support/pods.js'
import { output } from '../support/process.js'
import { waitFor } from '../support/wait.js'

interface Status {
  nodeInfo: { kubeletVersion: string; containerRuntimeVersion: string }
}

const words = 'served by a pod on edge-2'
const service = { apiVersion: 'v1', kind: 'Service', name: 'e2e-modern', namespace: 'default' }

function kubectl(...args: string[]): Promise<string> {
  return output(path.join(labDirectory, 'kubectl'), args)
}

/** What a pod on edge-1 gets there. */
function asked(address: string): Promise<string> {
  return waitFor(`an answer of ${address} in a pod`, 60, async () => ({
    done: await kubectl('exec', 'asking', '--', 'wget', '-q', '-O', '-', `http://${address}/`),
  }))
}

describe('the lab of Kubernetes 1.34', () => {
  afterAll(async () => {
    await startKubelet('edge-2')
    await removePods()
    await (await api()).delete(service)
  })

  it('has five nodes, all Ready, all 1.34.4 on containerd', async () => {
    const nodes = await listObjects<NodeObject & { status: Status }>('v1', 'Node')
    expect(nodes.map(({ metadata }) => metadata.name).sort()).toEqual([...allNodes].sort())
    for (const node of nodes) {
      expect(readyOf(node).status, node.metadata.name).toBe('True')
      expect(node.status.nodeInfo.kubeletVersion).toBe('v1.34.4')
      expect(node.status.nodeInfo.containerRuntimeVersion).toMatch(/^containerd:/)
    }
  })

  it('runs commands in pods: kubectl exec', async () => {
    await runPod('asking', 'edge-1')
    expect(await kubectl('exec', 'asking', '--', 'hostname')).toBe('asking\n')
  })

  it('reaches a Service from a pod on another node, by its address', async () => {
    await runPod('serving', 'edge-2', [
      'sh',
      '-c',
      `mkdir /www && echo '${words}' >/www/index.html && exec httpd -f -p 8080 -h /www`,
    ])
    await (await api()).create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service.name, namespace: 'default' },
      spec: {
        type: 'NodePort',
        selector: { pod: 'serving' },
        ports: [{ port: 80, targetPort: 8080, nodePort: 31134 }],
      },
    })
    const made = await getObject<{ spec: { clusterIP: string } }>('v1', 'Service', service.name, 'default')
    expect(await asked(made?.spec.clusterIP ?? '')).toBe(`${words}\n`)
  })

  it('reaches it at the NodePort of a third node', async () => {
    const address = (await inNode('cloud-1', "hostname -i | cut -d ' ' -f 1")).trim()
    expect(await asked(`${address}:31134`)).toBe(`${words}\n`)
    expect(await inNode('cp-1', `curl -s -m 5 http://${address}:31134/`)).toBe(`${words}\n`)
  })

  it('evicts a pod from a node whose kubelet is silent', async () => {
    await stopKubelet('edge-2')
    await waitFor('the pod on edge-2 marked for deletion', 150, async () =>
      (await isEvicted('serving')) ? { done: true } : { waiting: 'it has no deletion mark' },
    )
    expect(await isEvicted('serving'), 'the mark stays').toBe(true)
  })
})
