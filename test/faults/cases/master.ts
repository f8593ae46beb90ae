import { expect } from 'vitest'
import { startYurtSsh } from '../../e2e/support/cli.js'
import { expectFreshHeartbeat } from '../../e2e/support/converted.js'
import { controlPlanes } from '../../e2e/support/lab.js'
import { inNode } from '../../e2e/support/nodes.js'
import { output } from '../../e2e/support/process.js'
import { differences } from '../../e2e/support/snapshot.js'
import { snapshotHosts } from '../../e2e/support/snapshot-hosts.js'
import { sleep, waitFor } from '../../e2e/support/wait.js'
import type { MasterFault } from '../support/types.js'

const waiting = /(cp-\d): wait for kube-controller-manager with the node lifecycle off/
const image = "$(ctr -n k8s.io images ls -q | grep '^k8s.gcr.io/kube-controller-manager:' | head -n 1)"
const kept = 'docker.io/yurt-ssh-e2e/kcm:kept'

export const masterFaults: MasterFault[] = [
  {
    kind: 'master',
    name: 'kube-controller-manager crash-loops after the edit: put back, the next master untouched',
    minutes: 8,
    async tell() {
      const before = await snapshotHosts(controlPlanes)
      for (const node of controlPlanes)
        await inNode(
          node,
          `ctr -n k8s.io images tag --force ${image} ${kept} >/dev/null
           pause=$(ctr -n k8s.io images ls -q | grep '^k8s.gcr.io/pause:' | head -n 1)
           ctr -n k8s.io images tag --force "$pause" ${image} >/dev/null`,
        )
      try {
        const { status, text } = await startYurtSsh('convert', ['--yes', '--limit', 'cloud-1']).finished
        expect(status, text).toBe(3)
        const worked = new Set([...text.matchAll(new RegExp(waiting, 'g'))].map(([, node]) => node))
        expect(worked.size, 'masters that were touched').toBe(1)
      } finally {
        for (const node of controlPlanes)
          await inNode(
            node,
            `name=$(ctr -n k8s.io images ls -q | grep '^k8s.gcr.io/kube-controller-manager:' | head -n 1)
             ctr -n k8s.io images tag --force ${kept} "$name" >/dev/null; ctr -n k8s.io images rm ${kept} >/dev/null`,
          )
      }
      expect(differences(before, await snapshotHosts(controlPlanes))).toEqual([])
      for (const node of controlPlanes) await running(node)
    },
  },
  {
    kind: 'master',
    name: 'the API away for 60 s while kube-controller-manager restarts: no verdict, no undo',
    minutes: 8,
    async tell() {
      const run = startYurtSsh('convert', ['--yes', '--limit', 'cloud-1'])
      await run.line(waiting, 300)
      await output('docker', ['pause', 'infra'])
      await sleep(60)
      await output('docker', ['unpause', 'infra'])
      const { status, text } = await run.finished
      expect(status, text).toBe(0)
    },
  },
]

/** The kubelet starts a container that crashed again by itself, with a growing delay. */
async function running(node: string): Promise<void> {
  await inNode(node, 'systemctl restart kubelet')
  await waitFor(`${node}: kube-controller-manager well`, 400, async () => {
    const code = await inNode(
      node,
      "curl -sk --noproxy '*' -m 3 -o /dev/null -w '%{http_code}' https://127.0.0.1:10257/healthz || :",
    )
    return code === '200' ? { done: true } : { waiting: `/healthz answers ${code}` }
  })
  await waitFor(`${node} Ready since its restart`, 120, async () => {
    await expectFreshHeartbeat(node)
    return { done: true }
  })
}
