import { expect, it } from 'vitest'
import { mirrorPod, nodeInfo } from '../../src/cluster/nodes.js'
import type { KubeObject, NodeInfo } from '../../src/cluster/types.js'
import { rows } from './rows.js'

interface Row {
  node: KubeObject
  kcmNodes?: string[]
  info: NodeInfo
}

it.each(rows<Row>('nodes'))('$name', ({ node, kcmNodes, info }) => {
  expect(nodeInfo(node, new Set(kcmNodes))).toEqual(info)
})

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'kube-controller-manager-cp-1',
    annotations: { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.hash': 'abc' },
  },
  spec: {
    nodeName: 'cp-1',
    containers: [
      { name: 'sidecar' },
      { name: 'kube-controller-manager', command: ['kube-controller-manager'], args: ['--port=0'] },
    ],
  },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
}

it('reads a mirror pod', () => {
  expect(mirrorPod(pod)).toEqual({
    name: 'kube-controller-manager-cp-1',
    node: 'cp-1',
    configHash: 'abc',
    ready: true,
    command: ['kube-controller-manager', '--port=0'],
  })
})

it('knows a pod that is no mirror', () => {
  expect(mirrorPod({ ...pod, metadata: { name: 'kube-controller-manager-cp-1' } })).toBeNull()
})
