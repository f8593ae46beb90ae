import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { carryOut } from '../../src/cli/carry-out.js'
import { createProgram } from '../../src/cli/program.js'
import { version } from '../../src/cli/version.js'
import type { ChangeResult } from '../../src/commands/change.js'
import type { Surroundings } from '../../src/commands/options.js'
import { writePlanFile } from '../../src/commands/plan-file.js'
import { planConvert } from '../../src/plan/convert.js'
import { readRun } from '../../src/report/record-reader.js'
import { defaultPace } from '../../src/rollout/pace.js'
import { hostEvents } from '../support/events.js'
import { options } from '../support/facts.js'
import { all, fleetOf, nativeSite } from '../support/fleet.js'

const site = nativeSite()
const plan = planConvert(fleetOf(site), all(site), options)
const identity = {
  id: '20261124t220000-c0de',
  server: 'https://192.0.2.1:6443',
  hosts: site.hosts,
  leftOut: [],
}
const result: ChangeResult = {
  exitCode: 0,
  verb: 'convert',
  runId: identity.id,
  checks: [],
  unsettled: [],
  plan,
  run: { hosts: [], skipped: [], interrupted: false },
}

async function change({ watch }: Surroundings): Promise<ChangeResult> {
  const { emit, done } = watch(plan, identity)
  for (const event of hostEvents('edge-1', 'changed', 12)) emit(event)
  await done()
  return result
}
vi.mock('../../src/commands/apply.js', () => ({
  apply: (_stored: unknown, _given: unknown, surroundings: Surroundings) => change(surroundings),
}))

// a worker of the tests that is ended must not look like a Ctrl-C
vi.mock('../../src/cli/terminal.js', async (original) => ({
  ...(await original<object>()),
  interruptions: () => new AbortController().signal,
}))

let folder: string
let told: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-carry-out-'))
  told = []
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a change that is carried out', () => {
  it('leaves a record, and the report that was asked for', async () => {
    const report = join(folder, 'report.html')
    const flags = { inventory: ['fleet.yaml'], yes: true, runDir: folder, report }
    expect(await carryOut(change, flags)).toBe(0)
    expect(readRun(folder, 'latest').end).toMatchObject({ id: identity.id, exitCode: 0 })
    expect(readFileSync(report, 'utf8')).toContain('edge-1')
  })

  it.each([
    [true, false],
    [false, true],
  ])('with questions before waves: %s, on a terminal is drawn: %s', async (confirmWaves, drawn) => {
    const streams = [process.stdin, process.stderr]
    const before = streams.map(({ isTTY }) => isTTY)
    for (const stream of streams) stream.isTTY = true
    try {
      await carryOut(change, { inventory: ['fleet.yaml'], yes: true, runDir: folder, confirmWaves })
    } finally {
      for (const [index, stream] of streams.entries()) stream.isTTY = before[index] ?? false
    }
    expect(/^\d\d:\d\d:\d\d edge-1: /m.test(told.join(''))).toBe(!drawn)
  })

  it.each([
    [{}, true],
    [{ quiet: true }, false],
  ])('with --yes and %j the plan is shown: %s', async (flags, shown) => {
    const outlook = { waves: [], pace: defaultPace, leftOut: [] }
    const approving = async (surroundings: Surroundings): Promise<ChangeResult> => {
      expect(await surroundings.approve(plan, outlook)).toBe(true)
      return result
    }
    await carryOut(approving, { inventory: ['fleet.yaml'], yes: true, runDir: folder, ...flags })
    expect(told.join('').includes('edge hosts')).toBe(shown)
  })

  it('from a stored plan does too, with the inventory of the plan', async () => {
    const planFile = join(folder, 'plan.json')
    const { release: _release, images: _images, ...planOptions } = options
    await writePlanFile(planFile, {
      yurtSsh: version(),
      made: '2026-11-24T22:00:00Z',
      inventorySha256: '',
      server: identity.server,
      options: {
        inventory: ['stored.yaml'],
        images: {},
        limit: [],
        forks: 30,
        ignorePreflightErrors: [],
        askBecomePass: false,
        plan: planOptions,
        pace: defaultPace,
      },
      plan,
    })
    const report = join(folder, 'report.html')
    const codes: number[] = []
    const program = createProgram((code) => codes.push(code))
    const args = ['apply', planFile, '--yes', '--run-dir', join(folder, 'runs'), '--report', report]
    await program.parseAsync(args, { from: 'user' })
    expect(codes).toEqual([0])
    const { header, end } = readRun(join(folder, 'runs'), 'latest')
    expect(header.environment.inventory).toBe('stored.yaml')
    expect(end).toMatchObject({ id: identity.id, exitCode: 0 })
    expect(existsSync(report)).toBe(true)

    const nowhere = [...args.slice(0, -1), join(folder, 'nowhere/report.html')]
    await expect(createProgram(() => undefined).parseAsync(nowhere, { from: 'user' })).rejects.toMatchObject({
      code: 'USAGE_REPORT',
    })
    expect(readRun(join(folder, 'runs'), 'latest').header.id, 'nothing was run').toBe(header.id)
  })
})
