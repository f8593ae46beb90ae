import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { KubeObject } from '../../src/cluster/types.js'
import { listInventory, validateInventory } from '../../src/commands/inventory.js'
import { initInventory } from '../../src/commands/inventory-init.js'
import { renderInventoryTree } from '../../src/report/inventory.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

let api: FakeApi
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yurt-ssh-inventory-'))
  api = await fakeApi()
  api.put(
    node('cp-1', '192.0.2.1', { 'node-role.kubernetes.io/master': '' }),
    node('worker-1', '192.0.2.11', { 'openyurt.io/is-edge-worker': 'false' }),
    node('edge-1', '198.51.100.1', { 'openyurt.io/is-edge-worker': 'true' }),
    node('edge-2', '198.51.100.2', {}),
  )
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true })
})

function node(name: string, address: string, labels: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    status: {
      addresses: [
        { type: 'Hostname', address: name },
        { type: 'InternalIP', address },
      ],
      nodeInfo: { kubeletVersion: 'v1.20.2', architecture: 'arm64' },
    },
  }
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

it("init writes the cluster's nodes, and validate finds nothing against them", async () => {
  const text = await initInventory({ addresses: [], kubeconfig: api.kubeconfig })
  expect(text).toContain('      cp-1: { address: 192.0.2.1 } # arm64, v1.20.2, control plane\n')
  const { hosts } = await listInventory({ inventory: [await file('new.yaml', text)] })
  expect(hosts.map(({ name, role }) => `${name} ${role}`)).toEqual([
    'cp-1 cloud',
    'worker-1 cloud',
    'edge-1 edge',
    'edge-2 edge',
  ])
  const result = await validateInventory({ inventory: [join(folder, 'new.yaml')], cluster: true })
  expect(result).toMatchObject({ exitCode: 0, hosts: 4 })
  expect(result.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'NodesInInventory ok',
    'HostsInCluster ok',
    'ControlPlane ok',
    'ControlPlaneRole ok',
    'RoleLabel ok',
  ])
})

it('init reads addresses from a file, and asks no cluster', async () => {
  const before = api.requests.length
  const from = await file('addresses', '192.0.2.1 # the first\n\n192.0.2.[2:3]\n')
  const text = await initInventory({ addresses: ['192.0.2.9'], from })
  const { hosts } = await listInventory({ inventory: [await file('list.yaml', text)] })
  expect(hosts.map(({ ssh }) => ssh.address)).toEqual(['192.0.2.9', '192.0.2.1', '192.0.2.2', '192.0.2.3'])
  expect(api.requests).toHaveLength(before)
  await expect(initInventory({ addresses: [], from: join(folder, 'none') })).rejects.toMatchObject({
    code: 'USAGE_ADDRESS',
  })
})

it('validate tells everything that the inventory and the cluster disagree on', async () => {
  const wrong = await file(
    'wrong.yaml',
    `openyurt: { release: v0.6.1 }
cluster: { kubeconfig: ${api.kubeconfig} }
hosts:
  cp-1: { role: edge }
  worker-1: { role: edge }
  egde-1: { role: edge, address: 198.51.100.1 }
`,
  )
  const { exitCode, checks } = await validateInventory({ inventory: [wrong], cluster: true })
  expect(exitCode).toBe(7)
  expect(
    checks
      .filter(({ status }) => status !== 'ok')
      .map(({ message }) => message.replaceAll(wrong, 'wrong.yaml')),
  ).toEqual([
    'in the cluster but not in the inventory: edge-1, edge-2',
    'in the inventory but no node of the cluster: egde-1 (node egde-1) at wrong.yaml:6:3, did you mean "edge-1"?',
    'control-plane hosts with role edge: cp-1 at wrong.yaml:4:3',
    'openyurt.io/is-edge-worker says otherwise: worker-1 at wrong.yaml:5:3 is edge',
  ])
  const alone = await validateInventory({ inventory: [wrong], cluster: false })
  expect(alone).toMatchObject({ exitCode: 0, checks: [] })
})

it('validate misses a control plane', async () => {
  const wrong = await file('edge.yaml', 'openyurt: { release: v0.6.1 }\nhosts: { edge-1: { role: edge } }\n')
  const given = { inventory: [wrong], cluster: true, kubeconfig: api.kubeconfig }
  const { checks } = await validateInventory(given)
  expect(checks.find(({ name }) => name === 'ControlPlane')).toMatchObject({ status: 'failed' })
})

it('list shows groups in groups, and hosts that stand in none', async () => {
  const inventory = await file(
    'tree.yaml',
    `openyurt: { release: v0.6.1 }
ssh: { user: ops }
hosts: { loose: { role: cloud, address: "fd00::1" } }
groups:
  stores:
    role: edge
    hosts: { gate: }
    groups: { north: { ssh: { bastion: "gate,jump", port: 2222 }, hosts: { n-1: { node: kiosk-1 } } } }
`,
  )
  const { hosts, groups } = await listInventory({ inventory: [inventory] })
  expect(stripVTControlCharacters(renderInventoryTree(hosts, groups)).replace(/ +$/gm, '')).toBe(
    [
      'HOST     ADDRESS                         ROLE   NODE',
      'loose    ops@[fd00::1]:22                cloud  loose',
      'stores',
      '  gate   ops@gate:22                     edge   gate',
      '  north',
      '    n-1  ops@n-1:2222 via jump via gate  edge   kiosk-1',
    ].join('\n'),
  )
})
