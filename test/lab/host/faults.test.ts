import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askLab, serveControl } from '../../../src/lab/daemon/control.js'
import { type Lab, startLab } from '../../../src/lab/lab.js'
import { cli } from '../cli.js'
import { scratch } from './scratch.js'
import { tree } from './trees.js'

let lab: Lab
let inventory: string[]
let before: Record<string, string>[]
let stopControl: (() => void) | undefined

beforeAll(async () => {
  lab = await startLab({ dir: scratch(), hosts: 3, speed: 20 })
  inventory = ['-i', join(lab.dir, 'inventory.yaml')]
  before = lab.hosts.map(({ root }) => tree(root))
  const control = await serveControl(lab)
  stopControl = () => control.close()
}, 60_000)
afterAll(async () => {
  stopControl?.()
  await lab?.close()
})

const sick = (target: string, kind: string, on = true) => askLab(lab.dir, { verb: 'fault', target, kind, on })

/** Runs while a fault is there. */
async function under(target: string, kind: string, ...args: string[]) {
  await sick(target, kind)
  try {
    return await cli(...args, ...inventory)
  } finally {
    await sick(target, kind, false)
  }
}

const convert = ['convert', '--yes', '--ignore-preflight-errors', 'Disk']
/** For conversions that must fail: nobody need wait for long. */
const impatient = [...convert, '--yurthub-healthcheck-timeout', '40s']

describe('a host that is sick', { timeout: 90_000 }, () => {
  it.each([
    ['unreachable', 4, /Reachable/],
    ['image-missing', 3, /has no docker.io\/openyurt\/yurthub:v0.6.1 and does not reach the registry/],
    ['wrong-sudo', 3, /sudo/],
    ['disk-full', 3, /only 0 MiB free/],
  ])('%s: refused before anything is touched', async (kind, exitCode, words) => {
    // the third host is the one that is logged in to through sudo
    const result = await under('edge-2', kind, 'preflight')
    expect(result).toEqual({ exitCode, output: expect.stringMatching(words) })
  })

  it.each([
    ['cp-1', 'kcm-does-not-start', /cp-1: no kube-controller-manager has started since the edit; put back/],
    ['edge-1', 'hub-never-healthy', /edge-1: the hub did not become healthy within 40 s.*put back/],
    ['edge-1', 'kubelet-does-not-start', /edge-1: the kubelet is not running.*put back/],
    ['edge-1', 'disk-full', /edge-1: the undo cannot be written; put back/],
  ])('%s, %s: put back as it was', async (host, kind, words) => {
    const { exitCode, output } = await under(host, kind, ...impatient)
    expect([exitCode, output]).toEqual([3, expect.stringMatching(words)])
    const { root } = lab.hosts.find(({ spec }) => spec.name === host) as Lab['hosts'][number]
    const own = Object.entries(tree(root)).filter(([path]) => !path.startsWith('/var/lib/yurt-ssh'))
    const index = lab.hosts.findIndex(({ spec }) => spec.name === host)
    expect(Object.fromEntries(own)).toEqual(before[index])
  })

  it('an image without a hub in it ends the wait for it, with the words of the runtime', async () => {
    const { exitCode, output } = await under('edge-1', 'hub-not-in-image', ...convert)
    const says =
      /edge-1: the hub's container cannot start: RunContainerError: .*executable file not found.*put back/
    expect([exitCode, output]).toEqual([3, expect.stringMatching(says)])
    expect(output).toContain('is this the image of the hub?')
  })

  it('a file that changed in between is left alone', async () => {
    const { exitCode, output } = await under('edge-1', 'file-changed', ...convert)
    expect([exitCode, output]).toEqual([
      3,
      expect.stringContaining('kubeadm-flags.env changed since it was planned'),
    ])
  })

  it('converts through latency, a slow disk and a link that is cut in the middle', async () => {
    await sick('edge-1', 'latency')
    await sick('edge-2', 'slow-disk')
    const lock = join(lab.dir, 'hosts/edge-1/var/lib/yurt-ssh/lock')
    let cuts = 0
    const watch = setInterval(() => {
      if (cuts > 0 || !existsSync(lock)) return
      cuts++
      void sick('edge-1', 'cut-link')
    }, 20)
    const { exitCode, output } = await cli(...convert, ...inventory).finally(() => clearInterval(watch))
    expect(cuts).toBe(1)
    expect(exitCode, output).toBe(0)
    expect(await cli('status', ...inventory)).toMatchObject({ exitCode: 0 })
  })

  it('and is made well', async () => {
    await sick('edge-1', 'latency', false)
    const { hosts } = await sick('edge-2', 'slow-disk', false)
    expect(hosts.map(({ name, faults }) => [name, faults])).toEqual([
      ['cp-1', []],
      ['edge-1', []],
      ['edge-2', []],
    ])
  })
})

describe('what the lab refuses', () => {
  it.each([
    ['edge-9', 'latency', 'the lab has no host edge-9'],
    ['edge-1', 'flood', 'there is no fault flood'],
    ['api', 'latency', 'there is no fault latency'],
  ])('%s %s', async (target, kind, message) => {
    await expect(sick(target, kind)).rejects.toMatchObject({ code: 'USAGE_LAB', message })
  })

  it('says where no lab answers', async () => {
    await expect(askLab(scratch(), { verb: 'status' })).rejects.toMatchObject({ code: 'LAB_DOWN' })
  })
})
