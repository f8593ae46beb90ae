import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, getNode, getObject, type KubeObject, listObjects, readyOf } from '../support/api.js'
import { labDirectory } from '../support/lab.js'
import { hubMetrics, inNode, metricSum, startKubelet, stopKubelet } from '../support/nodes.js'
import { findPod, removePods, runPod } from '../support/pods.js'
import { type Finished, output, run } from '../support/process.js'
import { sleep, waitFor } from '../support/wait.js'
import {
  cutLink,
  hubFlags,
  hubStatus,
  installHub,
  mendLink,
  patchAsNode,
  pool,
  redirect,
  removeHub,
  startHub,
} from './hub-by-hand.js'

const node = 'edge-1'
const program = path.join(labDirectory, 'kubectl')
const manifests = fileURLToPath(new URL('manager.yaml', import.meta.url))
const seconds = 'apps.openyurt.io/original-unreachable-toleration-duration'
const nodePool = {
  apiVersion: 'apps.openyurt.io/v1beta2',
  kind: 'NodePool',
  metadata: { name: pool },
  spec: { type: 'Edge' },
}

let server: string

function kubectl(...args: string[]): Promise<string> {
  return output(program, args, { seconds: 120 })
}

/** The words of a kubectl that must fail. */
async function refusal(...args: string[]): Promise<string> {
  const { status, stdout, stderr }: Finished = await run(program, args)
  expect(status, stdout).not.toBe(0)
  return stderr
}

async function renewedAt(): Promise<number> {
  const lease = await getObject<KubeObject & { spec: { renewTime: string } }>(
    'coordination.k8s.io/v1',
    'Lease',
    node,
    'kube-node-lease',
  )
  return Date.parse(lease?.spec.renewTime ?? '')
}

/** The seconds for which the pod tolerates an unreachable node; undefined is for ever. */
async function tolerated(name: string): Promise<number | undefined> {
  const found = await findPod(name)
  const spec = found?.spec as { tolerations: { key?: string; tolerationSeconds?: number }[] } | undefined
  return spec?.tolerations.find(({ key }) => key === 'node.kubernetes.io/unreachable')?.tolerationSeconds
}

/** Everything that these tests leave in hosts and cluster. */
async function cleanUp(): Promise<void> {
  await mendLink(node, server)
  await kubectl('annotate', 'node', node, 'node.openyurt.io/autonomy-duration-')
  await patchAsNode(node, {
    metadata: { labels: { 'apps.openyurt.io/nodepool': null, 'openyurt.io/is-edge-worker': null } },
  })
  await removeHub(node)
  await startKubelet(node)
  await removePods()
  for (const kind of ['mutating', 'validating'])
    await kubectl(
      'delete',
      '--ignore-not-found',
      `${kind}webhookconfiguration`,
      `yurt-manager-${kind}-webhook-configuration`,
    )
  await kubectl('delete', '--ignore-not-found', '--wait=false', '-f', manifests)
  await kubectl('delete', '--ignore-not-found', '-n', 'kube-system', 'lease', 'cloud-yurt-manager')
}

describe("OpenYurt v1.7.0's place", () => {
  beforeAll(async () => {
    server = (await kubectl('config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}')).trim()
    await cleanUp()
    await kubectl('apply', '-f', manifests)
  })

  afterAll(cleanUp)

  describe('yurt-manager', () => {
    it('leads: its Lease is held by the pod that runs, and its webhook answers', async () => {
      await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/yurt-manager', '--timeout=100s')
      const [pod] = await listObjects('v1', 'Pod', { labelSelector: 'app.kubernetes.io/name=yurt-manager' })
      await waitFor('the Lease in the hands of the pod', 60, async () => {
        const lease = await getObject<KubeObject & { spec: { holderIdentity: string } }>(
          'coordination.k8s.io/v1',
          'Lease',
          'cloud-yurt-manager',
          'kube-system',
        )
        const holder = lease?.spec.holderIdentity ?? 'nobody'
        return holder.startsWith(`${pod?.metadata.name}_`)
          ? { done: true }
          : { waiting: `it is held by ${holder}` }
      })
      // a Service's rules come a moment after its pod is ready
      await waitFor('a pool that can be made', 60, async () => ({
        done: await (await api()).create(nodePool),
      }))
      const made = await getObject<KubeObject & { spec: object }>(nodePool.apiVersion, 'NodePool', pool)
      expect(made?.spec).toMatchObject({ type: 'Edge', leaderElectionStrategy: 'random' })
    })

    it('refuses a node of a pool that does not exist', async () => {
      expect(await refusal('label', 'node', node, 'apps.openyurt.io/nodepool=none')).toContain('not found')
    })

    it('refuses is-edge-worker by an administrator', async () => {
      expect(await refusal('label', 'node', node, 'openyurt.io/is-edge-worker=true')).toContain(
        'can only be modified by',
      )
    })
  })

  describe('yurthub', () => {
    beforeAll(async () => {
      await installHub(node)
    })

    it.each([
      ['an unknown flag', ['--access-server-through-hub'], 2],
      ['no pool', ['--nodepool-name='], 255],
      ['a server without TLS', ['--server-addr=http://10.0.0.1:6443'], 255],
      ['a server without a scheme', ['--server-addr=10.0.0.1:6443'], 255],
      ['token mode without a token', ['--bootstrap-mode=token'], 255],
      ['a long name of the interface', ['--dummy-if-name=much-too-long-a-name'], 255],
    ])('ends on %s', async (_, flags, status) => {
      const command = ['yurthub', ...hubFlags(node, server), ...flags].join(' ')
      expect(await inNode(node, `${command} >/dev/null 2>&1 || echo $?`)).toBe(`${status}\n`)
    })

    it('starts with a certificate that the manager approves, and listens where it should', async () => {
      await startHub(node, server)
      await waitFor('readyz', 90, async () => {
        const status = await hubStatus(node, '10267/v1/readyz')
        return status === '200' ? { done: true } : { waiting: status }
      })
      const listening = await inNode(node, "ss -Hltn | awk '{ print $4 }' | grep ':1026' | sort")
      expect(listening.trim().split('\n')).toEqual([
        '127.0.0.1:10261',
        '127.0.0.1:10267',
        '127.0.0.1:10269',
        '169.254.2.1:10261',
        '169.254.2.1:10268',
      ])
      expect(await hubStatus(node, `10261/api/v1/nodes/${node}`)).toBe('200')
    })

    it('serves no EndpointSlices while it may not read them itself', async () => {
      expect(await hubStatus(node, '10261/apis/discovery.k8s.io/v1/endpointslices')).toBe('429')
    })

    it('carries a kubelet, and both labels in one patch start no Job', async () => {
      const before = readyOf(await getNode(node)).lastHeartbeatTime
      await runPod('stays', node)
      await redirect(node)
      await waitFor('a heartbeat through the hub', 90, async () => {
        const { status, lastHeartbeatTime } = readyOf(await getNode(node))
        const watches = metricSum(
          await hubMetrics(node),
          'node_yurthub_in_flight_requests_collector',
          'client="kubelet/',
          'resource="pods"',
          'verb="watch"',
        )
        return status === 'True' && lastHeartbeatTime > before && watches === 1
          ? { done: true }
          : { waiting: `Ready ${status} of ${lastHeartbeatTime}, ${watches} watches` }
      })
      await patchAsNode(node, {
        metadata: { labels: { 'apps.openyurt.io/nodepool': pool, 'openyurt.io/is-edge-worker': 'true' } },
      })
      await sleep(5)
      expect(await listObjects('batch/v1', 'Job')).toEqual([])
      expect((await getNode(node)).spec).not.toHaveProperty('unschedulable')
    })

    it('reports the condition Autonomy', async () => {
      await waitFor('the condition', 60, async () => {
        const types = (await getNode(node)).status.conditions.map(({ type }) => type)
        return types.includes('Autonomy') ? { done: true } : { waiting: types.join(', ') }
      })
    })

    it('makes pods tolerate on the annotation, and only a pool without nodes can be deleted', async () => {
      expect(await tolerated('stays')).toBe(5)
      await kubectl('annotate', 'node', node, 'node.openyurt.io/autonomy-duration=0')
      await waitFor('a pod that tolerates for ever', 30, async () => {
        const now = await tolerated('stays')
        return now === undefined ? { done: true } : { waiting: `${now} s` }
      })
      expect((await findPod('stays'))?.metadata.annotations?.[seconds]).toBe('5')
      expect(await refusal('delete', 'nodepool', pool)).toContain('nonempty pool')
    })

    it('answers without an API: itself well, the kubelet from its cache, nobody else', async () => {
      await cutLink(node, server)
      await waitFor('the hub alone', 90, async () => {
        const [line = ''] = /^node_yurthub_server_healthy_status.*$/m.exec(await hubMetrics(node)) ?? []
        return line.endsWith(' 0') ? { done: true } : { waiting: line }
      })
      for (const check of ['healthz', 'readyz'])
        expect(await hubStatus(node, `10267/v1/${check}`), check).toBe('200')
      expect(await hubStatus(node, `10261/api/v1/nodes/${node}`, 'kubelet/v1.34.4')).toBe('200')
      expect(await hubStatus(node, `10261/api/v1/nodes/${node}`)).toBe('400')
      await mendLink(node, server)
      await waitFor('the API through the hub', 90, async () => {
        const status = await hubStatus(node, `10261/api/v1/nodes/${node}`)
        return status === '200' ? { done: true } : { waiting: status }
      })
    })

    it('renews the Lease of a kubelet that is dead, for a while', async () => {
      await stopKubelet(node)
      const stopped = Date.now()
      await waitFor('a Lease renewed 15 s after the death', 60, async () => {
        const late = ((await renewedAt()) - stopped) / 1000
        return late > 15 ? { done: true } : { waiting: `${late} s` }
      })
      expect(await hubStatus(node, '10267/v1/readyz')).toBe('200')
    })

    it('gives the tolerations back while the label stands', async () => {
      await startKubelet(node)
      await kubectl('annotate', 'node', node, 'node.openyurt.io/autonomy-duration-')
      await waitFor('the pod as it was', 30, async () => {
        const now = await tolerated('stays')
        return now === 5 ? { done: true } : { waiting: `${now} s` }
      })
    })
  })

  describe('conversion by a label alone', () => {
    const other = 'edge-2'

    async function untilConverted(reason: string): Promise<void> {
      await waitFor(`${other} ${reason}`, 150, async () => {
        const found = (await getNode(other)).status.conditions.find(
          ({ type }) => type === 'YurtNodeConversionFailed',
        )
        return found?.reason === reason ? { done: true } : { waiting: found?.reason ?? 'no condition' }
      })
    }

    beforeAll(async () => {
      await inNode(other, "printf '#!/bin/sh\n' >/usr/local/bin/crictl; chmod 755 /usr/local/bin/crictl")
    })

    afterAll(async () => {
      await inNode(other, 'rm -f /usr/local/bin/crictl')
      await kubectl('uncordon', other)
    })

    it('starts a Job that converts the host, and labels the node at its end', async () => {
      await kubectl('label', 'node', other, `apps.openyurt.io/nodepool=${pool}`)
      await untilConverted('Converted')
      const { metadata, spec } = await getNode(other)
      expect(metadata.labels).toMatchObject({ 'openyurt.io/is-edge-worker': 'true' })
      expect(spec).not.toHaveProperty('unschedulable')
      expect(await hubStatus(other, `10261/api/v1/nodes/${other}`)).toBe('200')
    })

    it('starts one that reverts it when the label goes, and leaves a blank behind', async () => {
      await kubectl('label', 'node', other, 'apps.openyurt.io/nodepool-')
      await untilConverted('Reverted')
      expect((await getNode(other)).metadata.labels).not.toHaveProperty('openyurt.io/is-edge-worker')
      expect(
        await inNode(other, 'ls -A /var/lib/openyurt; tail -c 3 /var/lib/kubelet/kubeadm-flags.env'),
      ).toBe(' "\n')
      await inNode(other, `sed -i 's# "$#"#' /var/lib/kubelet/kubeadm-flags.env; rmdir /var/lib/openyurt`)
    })
  })
})
