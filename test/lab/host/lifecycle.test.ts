import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../../../src/lab/lab.js'
import { cli } from '../cli.js'
import { scratch } from './scratch.js'
import { tree } from './trees.js'

let lab: Lab
let inventory: string[]
let before: Record<string, string>[]

beforeAll(async () => {
  lab = await startLab({ dir: scratch(), hosts: 5, speed: 20 })
  inventory = ['-i', join(lab.dir, 'inventory.yaml')]
  before = lab.hosts.map(({ root }) => tree(root))
}, 60_000)
afterAll(() => lab?.close())

/** Rows of a host's /proc/net/tcp. */
function sockets(root: string): { remote: string; state: string }[] {
  const [, ...rows] = readFileSync(join(root, 'proc/net/tcp'), 'utf8').trimEnd().split('\n')
  return rows.map((row) => {
    const [, , remote = '', state = ''] = row.trim().split(/\s+/)
    return { remote, state }
  })
}

async function createPod(nodeName: string): Promise<void> {
  const { status, body } = await lab.api.send({
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    headers: { 'content-type': 'application/json' },
    user: 'admin',
    body: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `on-${nodeName}` },
      spec: { nodeName, containers: [{ name: 'c', image: 'docker.io/library/busybox:1' }] },
    }),
  })
  expect(status, body).toBe(201)
}

/** KUBERNETES_SERVICE_HOST of the busybox on a host, once it runs. */
async function serviceHost(name: string): Promise<string | undefined> {
  const proc = join(lab.dir, 'hosts', name, 'proc')
  for (;;) {
    const pid = readdirSync(proc).find(
      (entry) => /^\d+$/.test(entry) && readFileSync(join(proc, entry, 'cmdline'), 'utf8') === 'busybox\0',
    )
    if (pid !== undefined)
      return /KUBERNETES_SERVICE_HOST=([^\0]*)/.exec(readFileSync(join(proc, pid, 'environ'), 'utf8'))?.[1]
    await lab.clock.sleep(500)
  }
}

describe('a fleet from kubeadm to OpenYurt and back', { timeout: 120_000 }, () => {
  it('passes every check', async () => {
    expect(await cli('preflight', ...inventory)).toMatchObject({ exitCode: 0 })
  })

  it('is converted', async () => {
    const { exitCode, output } = await cli('convert', '--yes', ...inventory)
    expect(exitCode, output).toBe(0)
  })

  it('then differs in nothing, and a second run does nothing', async () => {
    expect(await cli('status', ...inventory)).toMatchObject({ exitCode: 0 })
    expect(await cli('convert', '--yes', ...inventory)).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('Nothing to do.'),
    })
  })

  it('has its edge kubelets on the hub and the others on the API server', () => {
    const peers = Object.fromEntries(
      lab.hosts.map(({ spec, root }) => [
        spec.name,
        sockets(root)
          .filter(({ state }) => state === '01')
          .map(({ remote }) => remote),
      ]),
    )
    expect(peers).toEqual({
      'cp-1': ['0A0200C0:192B'],
      'cp-2': ['0A0200C0:192B'],
      'cp-3': ['0A0200C0:192B'],
      'edge-1': ['0100007F:2815'],
      'edge-2': ['0100007F:2815'],
    })
  })

  it('gives pods on the edge the address of the hub, and others that of the Service', async () => {
    const hosts = ['cp-1', 'edge-1']
    for (const nodeName of hosts) await createPod(nodeName)
    const [cloud, edge] = await Promise.all(hosts.map((name) => serviceHost(name)))
    expect([cloud, edge]).toEqual(['10.96.0.1', '169.254.2.1'])
  })

  it('is as it was after a revert: bytes, rights and links', async () => {
    const { exitCode, output } = await cli('revert', '--yes', '--restart-pods', ...inventory)
    expect(exitCode, output).toBe(0)
    expect(lab.hosts.map(({ root }) => tree(root))).toEqual(before)
  })

  it('restarted the pod that held the address of the hub, once', async () => {
    const path = '/api/v1/namespaces/default/pods/on-edge-1'
    const restarts = async (): Promise<number> => {
      const { body } = await lab.api.send({ method: 'GET', path, user: 'admin' })
      const { status } = JSON.parse(body) as { status: { containerStatuses: { restartCount: number }[] } }
      return status.containerStatuses[0]?.restartCount ?? 0
    }
    while ((await restarts()) === 0) await lab.clock.sleep(500)
    expect(await serviceHost('edge-1')).toBe('10.96.0.1')
    expect(await restarts()).toBe(1)
  })

  it('has neither rules, interface nor processes of a hub left', () => {
    for (const { root } of lab.hosts) {
      expect(readdirSync(join(root, 'sys/class/net'))).toEqual([])
      expect(sockets(root).filter(({ state }) => state === '0A')).toEqual([])
    }
  })
})
