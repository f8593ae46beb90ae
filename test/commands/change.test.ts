import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../src/cluster/types.js'
import { apply } from '../../src/commands/apply.js'
import { convert } from '../../src/commands/convert.js'
import type { ChangeOptions, RunIdentity, Surroundings } from '../../src/commands/options.js'
import { readPlanFile } from '../../src/commands/plan-file.js'
import { YurtSshError } from '../../src/errors.js'
import type { Host } from '../../src/inventory/types.js'
import type { HostWork, Plan } from '../../src/plan/types.js'
import type { Outlook } from '../../src/report/plan-summary.js'
import { defaultPace, type Pace, parseAmount, parseSerial } from '../../src/rollout/pace.js'
import { convertedFacts, file, options, release } from '../support/facts.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'
import { nativeSite, type Site } from '../support/fleet.js'

/**
 * The pipeline from facts to recap against the API's stand-in. Simulated are the hosts: reading them gives facts of the
 * fleet below, and working one converts its facts, unless it is among the failing ones. The cluster's steps are skipped.
 */
const state = vi.hoisted(() => ({
  fleet: undefined as Site | undefined,
  api: undefined as FakeApi | undefined,
  failing: new Set<string>(),
  worked: [] as string[],
}))

vi.mock('../../src/commands/site.js', () => ({
  openSite: (given: ChangeOptions) =>
    Promise.resolve({
      inventory: { file: given.inventory, hosts: state.fleet?.hosts },
      selected: new Set(given.limit.length > 0 ? given.limit : state.fleet?.hosts.map(({ name }) => name)),
      options: { ...given.plan, release, images: release.images },
      cluster: state.api?.cluster,
      connect: (name: string) => Promise.resolve({ host: name }),
      leave: () => undefined,
      reading: () => undefined,
      forks: given.forks,
      warnings: [],
      close: () => {},
    }),
}))
vi.mock('../../src/commands/host-facts.js', () => ({
  readHost: (_session: unknown, { name }: Host) => {
    const facts = state.fleet?.facts.get(name)
    return facts === undefined
      ? Promise.reject(new YurtSshError('SSH_TIMEOUT', 'no answer', { host: name }))
      : Promise.resolve(facts)
  },
}))
vi.mock('../../src/cluster/steps.js', () => ({ runClusterStep: () => Promise.resolve('changed') }))
vi.mock('../../src/rollout/host.js', () => ({
  runHostWork: (work: HostWork, title: string) => {
    state.worked.push(work.host)
    const { host, node, transaction } = work
    const result = { host, node, title, seconds: 1, steps: [], notes: [] }
    if (state.failing.has(host)) {
      const error = new YurtSshError('HOST_FAILED', 'no hub', { host })
      return Promise.resolve({ ...result, status: 'failed', error })
    }
    const found = state.fleet?.hosts.find(({ name }) => name === host)
    const facts = state.fleet?.facts.get(host)
    if (transaction?.kind === 'hub' && found !== undefined && facts !== undefined)
      state.fleet?.facts.set(host, convertedFacts(found, facts, options))
    return Promise.resolve({ ...result, status: 'changed' })
  },
}))

let folder: string
let inventory: string
let planFile: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'change-'))
  inventory = join(folder, 'inventory.yaml')
  planFile = join(folder, 'plan.json')
  writeFileSync(inventory, 'as it was')
  const fleet = nativeSite()
  fleet.hosts = fleet.hosts.map((host) => ({ ...host, groups: [host.role, `site-${host.name.slice(-1)}`] }))
  const api = await fakeApi()
  api.put(
    ...fleet.nodes.map(
      ({ name, controlPlane, heartbeat }): KubeObject => nodeObject(name, controlPlane, heartbeat),
    ),
  )
  Object.assign(state, { fleet, api, failing: new Set(), worked: [] })
})
afterEach(async () => {
  await state.api?.close()
  rmSync(folder, { recursive: true })
})

function nodeObject(name: string, controlPlane: boolean, lastHeartbeatTime: string): KubeObject {
  const labels: Record<string, string> = controlPlane ? { 'node-role.kubernetes.io/master': '' } : {}
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime }]
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { conditions } }
}

const { release: _release, images: _images, ...planOptions } = options

function given(pace: Partial<Pace> = {}, more: Partial<ChangeOptions> = {}): ChangeOptions {
  return {
    inventory: [inventory],
    images: {},
    limit: [],
    forks: 30,
    ignorePreflightErrors: [],
    askBecomePass: false,
    check: false,
    plan: planOptions,
    pace: { ...defaultPace, ...pace },
    ...more,
  }
}

function operator(): {
  surroundings: Surroundings
  shown: { plan: Plan; outlook: Outlook }[]
  watched: RunIdentity[]
} {
  const watched: RunIdentity[] = []
  const shown: { plan: Plan; outlook: Outlook }[] = []
  const surroundings: Surroundings = {
    signal: new AbortController().signal,
    tell: () => {},
    askSecret: () => Promise.reject(new Error('nobody to ask')),
    approveRecovery: () => Promise.resolve(true),
    approve: (plan, outlook) => Promise.resolve(shown.push({ plan, outlook }) > 0),
    approveWave: () => Promise.resolve(true),
    watch(_plan, run) {
      watched.push(run)
      return { emit: () => {}, done: () => {} }
    },
  }
  return { surroundings, shown, watched }
}

const out = () => ({ check: true, out: { file: planFile, yurtSsh: '1' } })
const storing = () => given({}, out())

const changeFlags = (name: string): void => {
  const facts = state.fleet?.facts.get(name)
  if (facts === undefined) throw new Error(`no ${name}`)
  const flags = file('flags', 'KUBELET_KUBEADM_ARGS="--by-hand"\n')
  state.fleet?.facts.set(name, { ...facts, files: { ...facts.files, flags } })
}

const everybody = ['cp-1', 'cp-2', 'edge-1', 'edge-2', 'cloud-1']

describe('a run in waves', () => {
  it('shows its waves and works everybody', async () => {
    const { surroundings, shown } = operator()
    const result = await convert(given({ serial: parseSerial('1,100%') }), surroundings)
    expect(result.exitCode).toBe(0)
    expect(state.worked).toEqual(everybody)
    expect(shown[0]?.outlook.waves).toEqual([[], [], [], [['edge-1'], ['edge-2']], [['cloud-1']]])
  })

  it('goes on past a host that fails where no waves were asked for, exit 3', async () => {
    state.failing.add('edge-1')
    const result = await convert(given({}, { forks: 1 }), operator().surroundings)
    expect(state.worked).toEqual(everybody)
    expect(result).toMatchObject({ exitCode: 3, run: { skipped: [] } })
  })

  it('stops by itself, exit 5', async () => {
    state.failing.add('edge-1')
    const result = await convert(given({ serial: parseSerial('1,100%') }), operator().surroundings)
    expect(state.worked).toEqual(['cp-1', 'cp-2', 'edge-1'])
    expect(result).toMatchObject({
      exitCode: 5,
      run: { skipped: ['edge hosts', 'cloud hosts'], error: { code: 'THRESHOLD_FAILED' } },
    })
  })

  it('goes on without a host that is not reached as far as that is allowed', async () => {
    state.fleet?.facts.delete('edge-1')
    const { surroundings, shown, watched } = operator()
    const refused = await convert(given(), surroundings)
    expect([refused.exitCode, state.worked, shown]).toEqual([4, [], []])

    const result = await convert(given({ maxFail: parseAmount('20%', '') }), surroundings)
    expect(result.exitCode).toBe(4)
    expect(shown[0]?.outlook.leftOut).toEqual(['edge-1'])
    expect(watched[0]?.leftOut).toEqual([{ host: 'edge-1', why: 'no answer' }])
    expect(state.worked).toEqual(['cp-1', 'cp-2', 'edge-2', 'cloud-1'])
  })

  it('tells its record whom --limit leaves out', async () => {
    const { surroundings, watched } = operator()
    await convert(given({}, { limit: ['cp-1', 'cp-2', 'cloud-1', 'edge-1'] }), surroundings)
    expect(watched[0]?.leftOut).toEqual([{ host: 'edge-2', why: 'not in --limit' }])
  })

  it('counts that host: the next one that fails is too many', async () => {
    state.fleet?.facts.delete('edge-1')
    state.failing.add('edge-2')
    const result = await convert(given({ maxFail: parseAmount('1', '') }), operator().surroundings)
    expect(state.worked).toEqual(['cp-1', 'cp-2', 'edge-2'])
    expect(result.exitCode).toBe(5)
    expect(result.run?.error?.message).toContain('edge-[1:2]')
  })

  it('refuses groups that do not exist before it asks the API anything', async () => {
    await expect(convert(given({ serialBy: 'hall' }), operator().surroundings)).rejects.toMatchObject({
      code: 'USAGE_SERIAL_BY',
    })
    expect(state.api?.requests).toEqual([])
  })
})

describe('a plan that is stored', () => {
  it('changes nothing, and takes no lock', async () => {
    const result = await convert(storing(), operator().surroundings)
    expect(result.exitCode).toBe(10)
    expect(state.worked).toEqual([])
    expect(state.api?.requests.filter((request) => !/^GET|dryRun=All$/.test(request))).toEqual([])
  })

  it('is run as it was shown, under the lock', async () => {
    const { plan } = await convert(storing(), operator().surroundings)
    const { surroundings, shown } = operator()
    const result = await apply(await readPlanFile(planFile, '1'), { check: false }, surroundings)
    expect(result.exitCode).toBe(0)
    expect(shown[0]?.plan).toEqual(plan)
    expect(state.worked).toEqual(everybody)
    expect(state.api?.requests.filter((request) => /^POST .*kube-system\/leases/.test(request))).toHaveLength(
      1,
    )
  })

  it('says what it was made from and what it ignores before it asks', async () => {
    await convert(given({}, { ...storing(), ignorePreflightErrors: ['Disk'] }), operator().surroundings)
    const said: string[] = []
    const surroundings: Surroundings = {
      ...operator().surroundings,
      tell: (text) => void said.push(text),
      approve: () => Promise.reject(new Error(said.join('\n'))),
    }
    const running = apply(await readPlanFile(planFile, '1'), { check: false }, surroundings)
    await expect(running).rejects.toThrow(
      /stored plan: convert, made 20.*\ninventory .*inventory\.yaml\n.*Disk/,
    )
  })

  it('goes on where a run of it stopped', async () => {
    await convert({ ...given({ serial: parseSerial('1') }), ...out() }, operator().surroundings)
    const stored = await readPlanFile(planFile, '1')
    state.failing.add('edge-2')
    await apply(stored, { check: false }, operator().surroundings)
    state.failing.clear()
    state.worked.length = 0
    const result = await apply(stored, { check: false }, operator().surroundings)
    expect(result.exitCode).toBe(0)
    // of edge-1 only the label is left: the cluster of this test does not take it
    expect(state.worked).toEqual(everybody)
    const again = result.plan?.phases.flatMap((phase) => (phase.kind === 'hosts' ? phase.work : []))
    expect(again?.find(({ host }) => host === 'edge-1')?.transaction).toBeUndefined()
    expect(again?.find(({ host }) => host === 'edge-2')?.transaction).toBeDefined()
  })

  it('refuses when a host has changed since', async () => {
    await convert(storing(), operator().surroundings)
    changeFlags('edge-2')
    const result = await apply(await readPlanFile(planFile, '1'), { check: false }, operator().surroundings)
    expect(result.exitCode).toBe(3)
    expect(state.worked).toEqual([])
  })

  it('refuses when the cluster has changed since', async () => {
    await convert(storing(), operator().surroundings)
    const label = { [release.edgeWorkerLabel]: 'unheard-of' }
    state.api?.touch('core/Node//cloud-1', ({ metadata }) => Object.assign(metadata, { labels: label }))
    const result = await apply(await readPlanFile(planFile, '1'), { check: false }, operator().surroundings)
    expect(result.exitCode).toBe(7)
    expect(result.checks).toContainEqual(
      expect.objectContaining({ name: 'StoredPlan', message: expect.stringContaining('label cloud nodes') }),
    )
    expect(state.worked).toEqual([])
  })

  it('is not run with another inventory', async () => {
    await convert(storing(), operator().surroundings)
    writeFileSync(inventory, 'another')
    const stored = await readPlanFile(planFile, '1')
    await expect(apply(stored, { check: false }, operator().surroundings)).rejects.toMatchObject({
      code: 'USAGE_PLAN_INVENTORY',
    })
  })

  it('works the hosts that it was made for, whatever its --limit names now', async () => {
    await convert(given({}, { ...storing(), limit: ['edge-1'] }), operator().surroundings)
    expect(JSON.parse(readFileSync(planFile, 'utf8'))).toMatchObject({ options: { limit: ['edge-1'] } })
    await apply(await readPlanFile(planFile, '1'), { check: false }, operator().surroundings)
    expect(state.worked).toEqual(['cp-1', 'cp-2', 'edge-1'])
  })
})
