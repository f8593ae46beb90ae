import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openCluster } from '../../../src/cluster/client.js'
import { type Cluster, type KubeObject, refOf } from '../../../src/cluster/types.js'
import { deniesAnnotation } from '../../../src/lab/api/admission.js'
import { type Lab, startLab } from '../../../src/lab/lab.js'
import { cli } from '../cli.js'
import { scratch } from './scratch.js'
import { tree } from './trees.js'

let lab: Lab
let inventory: string[]
let before: Record<string, string>[]
let cluster: Cluster
const made: KubeObject[] = []

beforeAll(async () => {
  lab = await startLab({ dir: scratch(), hosts: 3, speed: 20 })
  inventory = ['-i', join(lab.dir, 'inventory.yaml')]
  before = lab.hosts.map(({ root }) => tree(root))
  cluster = await openCluster({ kubeconfig: join(lab.dir, 'kubeconfig') })
}, 60_000)
afterEach(async () => {
  for (const object of made.splice(0)) await cluster.delete(refOf(object))
})
afterAll(async () => {
  cluster?.close()
  await lab?.close()
})

async function put(object: KubeObject): Promise<void> {
  await cluster.create(object)
  made.push(object)
}

function webhook(resources: string, denies?: string): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'policies', ...(denies ? { annotations: { [deniesAnnotation]: denies } } : {}) },
    webhooks: [
      {
        name: 'validate.policies.example.com',
        sideEffects: 'None',
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: [resources] }],
        clientConfig: { service: { name: 'policies', namespace: 'policies' } },
      },
    ],
  }
}

const untouched = (): boolean => lab.hosts.every(({ root }, index) => sameTree(tree(root), before[index]))
const sameTree = (a: Record<string, string>, b: Record<string, string> | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

describe('a cluster that says no', { timeout: 90_000 }, () => {
  it.each(['preflight', 'convert --yes'])(
    'to labels of nodes, before the first host: %s',
    async (command) => {
      await put(webhook('nodes', 'openyurt.io/is-edge-worker may not be set'))
      const { exitCode, output } = await cli(...command.split(' '), ...inventory)
      expect(output).toContain('denied the request: openyurt.io/is-edge-worker may not be set')
      expect(output).toMatch(
        /failed +cp-1,edge-\[1:2\] \(3 hosts\)\n +Admission: cp-1: cannot patch Node cp-1:/,
      )
      expect(output).toContain('a policy behind webhook validate.policies.example.com says no')
      expect(output).not.toContain('cluster administrator')
      expect(exitCode).toBe(3)
      expect(untouched()).toBe(true)
    },
  )

  it('to objects, because a webhook does not answer', async () => {
    await put(webhook('deployments'))
    const { exitCode, output } = await cli('preflight', ...inventory)
    expect(output).toContain('cannot create Deployment kube-system/yurt-controller-manager: Internal error')
    expect(output).toContain('webhook validate.policies.example.com does not answer')
    expect(exitCode).toBe(7)
  })

  it('to pods, and does so when they are made', async () => {
    await put({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'no-pods', namespace: 'kube-system' },
      spec: { hard: { pods: '0' } },
    })
    const { exitCode, output } = await cli('convert', '--yes', ...inventory)
    expect(output).toContain('its pods cannot be created: pods "yurt-controller-manager-')
    expect(output).toContain('exceeded quota: no-pods')
    expect(output).toContain('ResourceQuota no-pods leaves no room')
    expect(exitCode).not.toBe(0)
    expect(untouched()).toBe(true)
  })

  it('and then yes', async () => {
    expect(await cli('convert', '--yes', ...inventory)).toMatchObject({ exitCode: 0 })
  })
})
