import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommonOptions } from '../../src/commands/options.js'
import { rehearse } from '../../src/commands/rehearse.js'
import { takeSnapshot, writeSnapshot } from '../../src/commands/snapshot.js'
import { type Lab, startLab } from '../../src/lab/lab.js'
import { readSnapshot, type Snapshot } from '../../src/lab/snapshot/format.js'
import type { Plan } from '../../src/plan/types.js'
import { options } from '../support/facts.js'

const listener = {
  signal: new AbortController().signal,
  tell: () => undefined,
  askSecret: () => Promise.reject(new Error('nobody to ask')),
}
const { release: _release, images: _images, ...plan } = options
const given: CommonOptions = {
  inventory: [],
  images: {},
  limit: [],
  forks: 30,
  ignorePreflightErrors: [],
  askBecomePass: false,
  check: false,
  plan: { ...plan, hubTimeoutSeconds: 180 },
}

/** Who does what, in order. */
function outline(plan: Plan | undefined): string[] | undefined {
  return plan?.phases.flatMap((phase) =>
    phase.kind === 'cluster'
      ? phase.steps.map(({ kind }) => `${phase.title}: ${kind}`)
      : phase.work.flatMap(({ host, transaction }) =>
          transaction?.steps.map((step) => `${host}: ${step.kind} ${'path' in step ? step.path : ''}`),
        ),
  ) as string[] | undefined
}

describe('a rehearsal of a fleet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-test-'))
  const file = join(folder, 'fleet.json')
  let lab: Lab
  let snapshot: Snapshot

  beforeAll(async () => {
    lab = await startLab({ dir: join(folder, 'lab'), hosts: 2, speed: 10 })
    const inventory = join(folder, 'lab/inventory.yaml')
    snapshot = (await takeSnapshot({ ...given, inventory: [inventory] }, listener)).snapshot
    writeSnapshot(file, snapshot)
  }, 60_000)
  afterAll(async () => {
    await lab.close()
    rmSync(folder, { recursive: true })
  })

  it('starts from a file that only its owner reads, and that is written once', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readSnapshot(file)).toEqual(JSON.parse(JSON.stringify(snapshot)))
    expect(() => writeSnapshot(file, snapshot)).toThrow('is there already')
  })

  it('foretells the plan, and the copy goes there and back byte for byte', { timeout: 120_000 }, async () => {
    const rehearsal = await rehearse(readSnapshot(file), given, listener)
    const changed = ({ run }: { run?: { hosts: { host: string; status: string }[] } } = {}) =>
      new Set(run?.hosts.map(({ host, status }) => `${host} ${status}`))
    expect(outline(rehearsal.plan)).toEqual(outline(rehearsal.lab?.convert.plan))
    expect(changed(rehearsal.lab?.convert)).toEqual(new Set(['cp-1 changed', 'edge-1 changed']))
    expect(changed(rehearsal.lab?.revert)).toEqual(new Set(['cp-1 changed', 'edge-1 changed']))
    expect(rehearsal).toMatchObject({ exitCode: 0, odd: [], lab: { unlike: [] } })
  })

  it('names what a convert would refuse, and rehearses nothing without a control plane', async () => {
    const hosts = snapshot.hosts.map((host) =>
      host.role === 'cloud' && host.facts !== undefined
        ? { ...host, facts: { ...host.facts, missingTools: ['base64'] } }
        : host,
    )
    const rehearsal = await rehearse({ ...snapshot, hosts }, given, listener)
    expect(rehearsal.exitCode).toBe(3)
    expect(rehearsal.checks.filter(({ status }) => status === 'failed')).toMatchObject([
      { name: 'Tools', host: 'cp-1' },
    ])
    expect(rehearsal.odd).toEqual([{ host: 'cp-1', words: ['not rehearsed: its checks fail'] }])
    expect(rehearsal.lab).toBeUndefined()
  })

  it('rehearses no host with a path that leads out of the lab', async () => {
    const outside = join(folder, 'outside')
    const path = `/${'../'.repeat(30)}${outside}`
    const hosts = snapshot.hosts.map((host) => {
      if (host.facts === undefined) return host
      const { files } = host.facts
      return { ...host, facts: { ...host.facts, files: { ...files, flags: { ...files.flags, path } } } }
    })
    const rehearsal = await rehearse({ ...snapshot, hosts }, given, listener)
    expect(rehearsal).toMatchObject({ exitCode: 3, odd: [{ host: 'cp-1' }, { host: 'edge-1' }] })
    expect(rehearsal.odd[0]?.words).toEqual([
      'not rehearsed: a path of it leads upwards (..), out of the lab',
    ])
    expect(rehearsal.lab).toBeUndefined()
    expect(existsSync(outside)).toBe(false)
  })

  it.each<[string, (copy: Snapshot) => unknown, string]>([
    ['a host that is none', ({ hosts }) => Object.assign(hosts, [null]), 'hosts.0: '],
    [
      'facts with a hole',
      ({ hosts }) => Object.assign(hosts[0]?.facts ?? {}, { files: undefined }),
      'hosts.0.facts.files: ',
    ],
    [
      'a name for a folder elsewhere',
      ({ hosts }) => Object.assign(hosts[0] ?? {}, { node: '../x' }),
      'hosts.0.node: ',
    ],
    [
      'a host that stands twice',
      ({ hosts }) => Object.assign(hosts, [hosts[1], hosts[1]]),
      'two hosts have the name',
    ],
    ['no images', (copy) => delete (copy as Partial<Snapshot>).images, 'images: '],
  ])('refuses one that was edited: %s', (_, edit, words) => {
    const copy = structuredClone(snapshot)
    edit(copy)
    writeFileSync(join(folder, 'other.json'), JSON.stringify(copy))
    expect(() => readSnapshot(join(folder, 'other.json'))).toThrow(`is damaged: ${words}`)
  })

  it.each([
    ['another format', '{"format":2}', 'has format 2'],
    ['no snapshot', '[]', 'has format null'],
    ['a cut one', '{"format":1', 'is no JSON'],
    ['one without hosts', '{"format":1}', 'lacks its hosts'],
  ])('refuses %s', (_, text, words) => {
    writeFileSync(join(folder, 'other.json'), text)
    expect(() => readSnapshot(join(folder, 'other.json'))).toThrow(words)
  })
})
