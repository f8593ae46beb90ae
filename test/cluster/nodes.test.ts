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
  },
}

it('reads a mirror pod', () => {
  expect(mirrorPod(pod)).toEqual({
    name: 'kube-controller-manager-cp-1',
    node: 'cp-1',
    configHash: 'abc',
    started: false,
  })
})

const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }

it.each([
  { what: 'Ready', status: { conditions: [{ type: 'Ready', status: 'True' }] }, started: true },
  // what a kubelet of 1.20 posts between the startup probe and its next sync
  {
    what: 'started, Ready follows later',
    status: {
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ started: true, ready: false, state: running }],
    },
    started: true,
  },
  {
    what: 'before its startup probe',
    status: { containerStatuses: [{ started: false, state: running }] },
    started: false,
  },
  {
    what: 'one of two containers crashed',
    status: {
      containerStatuses: [
        { started: true, state: running },
        { started: true, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    },
    started: false,
  },
  { what: 'without containers yet', status: { containerStatuses: [] }, started: false },
])('a mirror pod is started: $what', ({ status, started }) => {
  expect(mirrorPod({ ...pod, status })?.started).toBe(started)
})

it('knows a pod that is no mirror', () => {
  expect(mirrorPod({ ...pod, metadata: { name: 'kube-controller-manager-cp-1' } })).toBeNull()
})
