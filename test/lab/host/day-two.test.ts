import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Lab, startLab } from '../../../src/lab/lab.js'
import { cli } from '../cli.js'
import { scratch } from './scratch.js'
import { tree } from './trees.js'

let lab: Lab
let inventory: string[]
let before: Record<string, string>[]

beforeAll(async () => {
  lab = await startLab({ dir: scratch(), hosts: 3, speed: 20 })
  inventory = ['-i', join(lab.dir, 'inventory.yaml'), '--run-dir', scratch()]
  before = lab.hosts.map(({ root }) => tree(root))
}, 60_000)
afterAll(() => lab?.close())

const ask = (method: string, path: string, body?: unknown) =>
  lab.api.send({
    method,
    path,
    headers: { 'content-type': 'application/json' },
    user: 'admin',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

async function rows(): Promise<Record<string, { state: string; differs: string[] }>> {
  const { output } = await cli('status', '--json', ...inventory)
  // warnings of Node.js are in the same text
  const { hosts } = JSON.parse(/^\{[\s\S]*^\}$/m.exec(output)?.[0] ?? '') as {
    hosts: { host: string; state: string; differs: string[] }[]
  }
  return Object.fromEntries(hosts.map(({ host, state, differs }) => [host, { state, differs }]))
}

/** Until its Node is Ready. */
async function ready(host: string): Promise<void> {
  for (;;) {
    const { body } = await ask('GET', `/api/v1/nodes/${host}`)
    if (/"type":\s*"Ready",\s*"status":\s*"True"|"status":\s*"True",[^{}]*"type":\s*"Ready"/.test(body))
      return
    await lab.clock.sleep(1000)
  }
}

const hubManifest = (host: string): string =>
  join(lab.dir, 'hosts', host, 'etc/kubernetes/manifests/yurt-hub.yaml')

const kubeSystem = '/api/v1/namespaces/kube-system'
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'

describe('a converted fleet, day by day', { timeout: 120_000 }, () => {
  it('is converted, with the tunnel', async () => {
    const { exitCode, output } = await cli('convert', '-t', '--yes', ...inventory)
    expect(exitCode, output).toBe(0)
  })

  it('a node whose link is down is offline, and its hub is no sick one', async () => {
    const host = lab.hosts.find(({ spec }) => spec.name === 'edge-2')
    host?.setFault('no-api', true)
    try {
      expect((await rows())['edge-2']).toEqual({
        state: 'offline',
        differs: [
          expect.stringMatching(/^its link is down: no answer from https.*lives from its hub's cache$/),
        ],
      })
      const { exitCode, output } = await cli('status', '-t', ...inventory)
      expect([exitCode, output]).toEqual([0, expect.stringMatching(/^edge-2 +edge +offline/m)])
      expect(output).not.toContain('not well')
    } finally {
      host?.setFault('no-api', false)
    }
    await ready('edge-2')
    // its hub looks for the API server again at times
    await vi.waitFor(
      async () => expect((await rows())['edge-2']).toEqual({ state: 'converted', differs: [] }),
      { timeout: 60_000, interval: 500 },
    )
  })

  it("a hub's manifest that somebody removed: status and convert say the same, and convert puts it back", async () => {
    const manifest = hubManifest('edge-1')
    const bytes = readFileSync(manifest, 'utf8')
    rmSync(manifest)
    const differs = [
      expect.stringMatching(/yurt-hub\.yaml is gone$/),
      expect.stringMatching(/^left to do: create .*yurt-hub\.yaml/),
      expect.stringMatching(/^left to do: wait for the hub/),
    ]
    expect((await rows())['edge-1']).toEqual({ state: 'differs', differs })
    const { exitCode, output } = await cli('convert', '-t', '--yes', ...inventory)
    expect(exitCode, output).toBe(0)
    expect(readFileSync(manifest, 'utf8')).toBe(bytes)
    expect((await rows())['edge-1']).toEqual({ state: 'converted', differs: [] })
  })

  it('a node that was deleted: the host is no unreachable one, and holds up nobody else', async () => {
    await ask('DELETE', '/api/v1/nodes/edge-2')
    await ask('DELETE', '/apis/apps/v1/namespaces/kube-system/deployments/yurt-controller-manager')
    expect((await rows())['edge-2']).toEqual({
      state: 'no node',
      differs: [
        expect.stringMatching(/^converted, and node edge-2 is not in the cluster.*revert --limit edge-2/),
      ],
    })
    const all = await cli('convert', '-t', '--yes', ...inventory)
    expect([all.exitCode, all.output]).toEqual([7, expect.stringContaining("--limit '!edge-2'")])
    const rest = await cli('convert', '-t', '--yes', '--limit', '!edge-2', ...inventory)
    expect(rest.exitCode, rest.output).toBe(0)
    const owner = await ask('GET', '/apis/apps/v1/namespaces/kube-system/deployments/yurt-controller-manager')
    expect(owner.status).toBe(200)
  })

  it('its host is reverted by its own traces, and is a node again', async () => {
    const { exitCode, output } = await cli('revert', '--yes', '--limit', 'edge-2', ...inventory)
    expect(exitCode, output).toBe(0)
    expect(output).toContain('the cluster has no node edge-2 any more')
    expect(existsSync(hubManifest('edge-2'))).toBe(false)
    expect((await ask('GET', '/api/v1/nodes/edge-2')).status).toBe(200)
    expect((await rows())['edge-2']?.state).toBe('native')
  })

  it('a revert of everything waits for no deleted node', async () => {
    await ask('DELETE', '/api/v1/nodes/edge-1')
    const { exitCode, output } = await cli('revert', '--yes', ...inventory)
    expect(exitCode, output).toBe(0)
    expect(lab.hosts.map(({ root }) => tree(root))).toEqual(before)
    expect((await cli('revert', '--check', ...inventory)).output).toContain('Nothing to do.')
  })

  it.each([
    ['ConfigMap yurt-tunnel-nodes', `${kubeSystem}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap' }],
    ['Lease tunnel-dns-controller', leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }],
    ['Lease yurt-controller-manager', leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }],
    ['Lease yurt-app-manager', leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }],
  ])('%s, which a run did not come to, is found by the next', async (what, path, kind) => {
    const name = what.split(' ')[1] ?? ''
    await ask('POST', path, { ...kind, metadata: { name } })
    const { exitCode, output } = await cli('revert', '--yes', ...inventory)
    expect([exitCode, output]).toEqual([
      0,
      expect.stringContaining(`delete ${what.replace(' ', ' kube-system/')}`),
    ])
    expect((await ask('GET', `${path}/${name}`)).status).toBe(404)
  })
})
