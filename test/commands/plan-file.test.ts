import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { boundTo } from '../../src/commands/apply.js'
import { conversion } from '../../src/commands/convert.js'
import type { Survey } from '../../src/commands/gather.js'
import { judge } from '../../src/commands/judge.js'
import type { ChangeOptions } from '../../src/commands/options.js'
import { readPlanFile, type StoredPlan, writePlanFile } from '../../src/commands/plan-file.js'
import type { Site } from '../../src/commands/site.js'
import { planConvert } from '../../src/plan/convert.js'
import { storedForm } from '../../src/plan/stored.js'
import { defaultPace, parseAmount } from '../../src/rollout/pace.js'
import { file, options } from '../support/facts.js'
import { all, fleetOf, nativeSite } from '../support/fleet.js'

const { release: _release, images: _images, ...planOptions } = options
const native = nativeSite()
const plan = planConvert(fleetOf(native), all(native), options)

const stored: StoredPlan = {
  yurtSsh: '1.2.3',
  made: '2026-01-02T03:04:05Z',
  inventorySha256: 'ab',
  server: 'https://192.0.2.1:6443',
  options: {
    inventory: ['/srv/inventory.yaml'],
    images: {},
    limit: [],
    forks: 30,
    ignorePreflightErrors: [],
    askBecomePass: false,
    plan: planOptions,
    pace: {
      ...defaultPace,
      serial: [{ kind: 'percent', percent: 10 }],
      maxUnavailable: parseAmount('1', ''),
    },
  },
  plan: storedForm(plan),
}

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-'))
  path = join(folder, 'plan.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const content = (): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>

/** Writes the file anew with its checksum put right, as somebody would who means it. */
function rewrite(change: (content: Record<string, unknown>) => Record<string, unknown>): void {
  const { format, version, sha256: _, ...rest } = change(content())
  const sha256 = createHash('sha256').update(JSON.stringify(rest)).digest('hex')
  writeFileSync(path, JSON.stringify({ format, version, sha256, ...rest }))
}

describe('a stored plan', () => {
  it('is read back as it was, and only its owner may read it', async () => {
    await writePlanFile(path, stored)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await readPlanFile(path, '1.2.3')).toEqual(JSON.parse(JSON.stringify(stored)))
  })

  it('takes the place of an older one, whatever its mode was', async () => {
    writeFileSync(path, 'old', { mode: 0o644 })
    await writePlanFile(path, stored)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['plan.json'])
  })

  it('cannot be stored where there is no folder', async () => {
    await expect(writePlanFile(join(folder, 'no', 'plan.json'), stored)).rejects.toMatchObject({
      code: 'USAGE_PLAN_WRITE',
    })
  })

  const spoilt: { name: string; spoil: () => void; code: string; message: RegExp }[] = [
    {
      name: 'is missing',
      spoil: () => rmSync(path),
      code: 'USAGE_PLAN_READ',
      message: /cannot be read: there is no such file/,
    },
    {
      name: 'is no JSON',
      spoil: () => writeFileSync(path, '{'),
      code: 'USAGE_PLAN_FORMAT',
      message: /no JSON/,
    },
    {
      name: 'is an array',
      spoil: () => writeFileSync(path, '[1]'),
      code: 'USAGE_PLAN_FORMAT',
      message: /something else/,
    },
    {
      name: 'is another JSON file',
      spoil: () => writeFileSync(path, '{"a":1}'),
      code: 'USAGE_PLAN_FORMAT',
      message: /something else/,
    },
    {
      name: 'has another format version',
      spoil: () => writeFileSync(path, JSON.stringify({ ...content(), version: 2 })),
      code: 'USAGE_PLAN_FORMAT',
      message: /its format is 2, this yurt-ssh reads 1/,
    },
    {
      name: 'was made by another yurt-ssh',
      spoil: () => rewrite((all) => ({ ...all, yurtSsh: '1.2.2' })),
      code: 'USAGE_PLAN_FORMAT',
      message: /yurt-ssh 1\.2\.2 made it, this is 1\.2\.3/,
    },
    {
      name: 'was edited',
      spoil: () => writeFileSync(path, readFileSync(path, 'utf8').replace('"forks": 30', '"forks": 31')),
      code: 'USAGE_PLAN_CHANGED',
      message: /not as yurt-ssh stored it/,
    },
    {
      name: 'lacks what it must have, its checksum put right',
      spoil: () => rewrite((all) => ({ ...all, options: { inventory: ['/x'] } })),
      code: 'USAGE_PLAN_FORMAT',
      message: /limit/,
    },
    {
      name: 'would write to the terminal',
      spoil: () => rewrite((all) => ({ ...all, made: '\u001b[2J' })),
      code: 'USAGE_PLAN_FORMAT',
      message: /made/,
    },
    {
      name: 'has an option that does not exist',
      spoil: () => rewrite((all) => ({ ...all, options: { ...(all.options as object), check: false } })),
      code: 'USAGE_PLAN_FORMAT',
      message: /check/,
    },
    {
      name: 'may be written to by a group',
      spoil: () => chmodSync(path, 0o660),
      code: 'USAGE_PLAN_OWNER',
      message: /others/,
    },
  ]

  it.each(spoilt)('that $name is refused', async ({ spoil, code, message }) => {
    await writePlanFile(path, stored)
    spoil()
    await expect(readPlanFile(path, '1.2.3')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })
})

describe('applying it', () => {
  const survey = (found: ReturnType<typeof nativeSite>): Survey => ({
    fleet: fleetOf(found),
    facts: found.facts,
    failures: new Map(),
  })
  const verdictOn = (names: readonly string[], maxFail: string, server = stored.server) => {
    const found = nativeSite()
    for (const name of names) {
      const facts = found.facts.get(name)
      if (facts === undefined) throw new Error(`no ${name}`)
      const flags = file('flags', 'KUBELET_KUBEADM_ARGS="--other"\n')
      found.facts.set(name, { ...facts, files: { ...facts.files, flags } })
    }
    const site = {
      inventory: { hosts: found.hosts },
      selected: all(found),
      options,
      cluster: { server },
    } as unknown as Site
    const given = {
      ignorePreflightErrors: ['all'],
      limit: [],
      pace: { ...defaultPace, maxFail: parseAmount(maxFail, '', 0) },
    }
    const bound = boundTo(stored, conversion)
    const verdict = judge(bound, survey(found), site, given as unknown as ChangeOptions)
    return { verdict, plan: () => bound.plan(survey(found), verdict.site) }
  }

  it('does what was stored', () => {
    const { verdict, plan: now } = verdictOn([], '0')
    expect(verdict).toMatchObject({ refused: false, leftOut: [] })
    expect(now()).toEqual(plan)
  })

  it('refuses hosts whose files have changed, whatever checks are ignored', () => {
    const { verdict } = verdictOn(['edge-2'], '0')
    expect(verdict).toMatchObject({ refused: true, exitCode: 3 })
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({ name: 'StoredPlan', host: 'edge-2', status: 'failed' }),
    )
  })

  it('leaves them out as far as --max-fail allows', () => {
    const { verdict, plan: now } = verdictOn(['edge-2'], '1')
    expect(verdict).toMatchObject({ refused: false, leftOut: ['edge-2'], exitCode: 3 })
    const hosts = now().phases.flatMap((phase) =>
      phase.kind === 'hosts' ? phase.work.map(({ host }) => host) : [],
    )
    expect(hosts).toEqual(['cp-2', 'cp-1', 'edge-1', 'cloud-1'])
  })

  it('refuses another cluster', () => {
    const { verdict } = verdictOn([], '5', 'https://192.0.2.99:6443')
    expect(verdict).toMatchObject({ refused: true, exitCode: 7 })
  })
})
