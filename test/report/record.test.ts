import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import { planConvert } from '../../src/plan/convert.js'
import { createRecorder } from '../../src/report/record.js'
import type { RunHeader } from '../../src/report/record-format.js'
import { failedHosts, listRuns, outcomeOf, readRun } from '../../src/report/record-reader.js'
import { calledAt, newRunId } from '../../src/report/run-id.js'
import { defaultRunsFolder, pruneRuns, runIds } from '../../src/report/runs.js'
import { compiled } from '../support/compiled.js'
import { hostEvents } from '../support/events.js'
import { options } from '../support/facts.js'
import { all, fleetOf, nativeSite } from '../support/fleet.js'

const id = '20261124t230000-abcd'
const token = 'abcdef.0123456789abcdef'
const site = nativeSite()
const plan = planConvert(fleetOf(site), all(site), { ...options, joinToken: true })

function header(changes: Partial<RunHeader> = {}): RunHeader {
  return {
    format: 1,
    id,
    verb: 'convert',
    release: 'v0.6.1',
    began: '2026-11-24T23:00:00.000Z',
    server: 'https://192.0.2.1:6443',
    hosts: [{ name: 'edge-1', node: 'edge-1', role: 'edge', groups: ['edge'] }],
    environment: {
      yurtSsh: '0.1.0',
      node: 'v20',
      system: 'Linux 5.10',
      machine: hostname(),
      user: 'ops',
      folder: '/srv',
      inventory: 'fleet.yaml',
      command: ['convert', '--join-token', `--x=${token}`],
      pid: process.pid,
    },
    ...changes,
  }
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'yurt-ssh-runs-'))

function end(exitCode: number) {
  return {
    format: 1 as const,
    id,
    ended: '2026-11-24T23:05:00.000Z',
    exitCode,
    warnings: [],
    hosts: [],
    skipped: [],
    interrupted: false,
  }
}

describe('a record', () => {
  it('has the plan, every event, a log per host, the result and the failed hosts', () => {
    const runs = join(newFolder(), 'new', 'runs')
    const warnings: string[] = []
    const recorder = createRecorder(runs, header(), plan, (text) => warnings.push(text))
    const events = [...hostEvents('edge-1', 'changed', 70), ...hostEvents('edge-2', 'failed', 12)]
    for (const event of events) recorder.emit(event)
    recorder.emit({ type: 'host-output', host: 'edge-2', line: '@ 1700000000 fail no hub' })
    recorder.emit({ type: 'host-output', host: 'edge-2', line: '@ 1700000000 step 3 begin' })
    const error = new YurtSshError('HOST_FAILED', 'no hub', { host: 'edge-2', detail: 'its words' })
    recorder.finish({ ...end(3), hosts: [{ host: 'edge-2', status: 'failed', error }] }, ['edge-2'])

    expect(warnings).toEqual([])
    const record = readRun(runs, id)
    expect(record.plan?.phases.map(({ title }) => title)).toEqual(plan.phases.map(({ title }) => title))
    expect(record.events.map(({ type }) => type)).toEqual(
      events.filter(({ type }) => type !== 'host-output').map(({ type }) => type),
    )
    expect(record.events[1]).toMatchObject({ step: 'undo-removes-hub', hidden: true })
    expect(record.events[2]).not.toHaveProperty('hidden')
    expect(record.events[2]).toMatchObject({ type: 'host-step', step: 'pull-image', reason: 'it is missing' })
    expect(record.events.every(({ time }) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time))).toBe(true)
    expect(record.end?.hosts[0]?.error).toMatchObject({ code: 'HOST_FAILED', detail: 'its words' })
    const log = record
      .log('edge-2')
      .split('\n')
      .map((line) => line.slice(25))
    expect(log).toContain('-- wait for the hub, up to 180 s')
    expect(log).toContain('   output of wait-hub')
    expect(log).toContain('   fail no hub')
    expect(log.some((line) => line.includes('step 3'))).toBe(false)
    expect(readFileSync(join(recorder.folder, 'failed-hosts'), 'utf8')).toBe('edge-2\n')
    expect(statSync(recorder.folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(recorder.folder, 'events.ndjson')).mode & 0o777).toBe(0o600)
  })

  it('holds no token, whatever said one', () => {
    const runs = newFolder()
    const recorder = createRecorder(runs, header(), plan, () => {})
    recorder.emit({ type: 'host-output', host: 'edge-1', line: `FLAG: --join-token="${token}"` })
    recorder.emit({ type: 'note', host: 'edge-1', text: `it said ${token}` })
    recorder.finish({ ...end(0), note: token }, [])
    for (const name of ['run.json', 'plan.json', 'events.ndjson', 'result.json', 'hosts/edge-1.log'])
      expect(readFileSync(join(recorder.folder, name), 'utf8')).not.toContain(token)
    expect(existsSync(join(recorder.folder, 'failed-hosts'))).toBe(false)
  })

  it('warns once and goes on where nothing can be written', () => {
    const runs = join(newFolder(), 'a-file')
    writeFileSync(runs, '')
    const warnings: string[] = []
    const recorder = createRecorder(runs, header(), plan, (text) => warnings.push(text))
    for (const event of hostEvents('edge-1', 'changed', 70)) recorder.emit(event)
    recorder.finish(end(0), ['edge-1'])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^the record of this run is incomplete: /)
  })

  it('warns once and goes on where the disk is full', () => {
    const runs = newFolder()
    const recorder = createRecorder(runs, header(), plan, () => {})
    // a device that answers every write with ENOSPC
    symlinkSync('/dev/full', join(recorder.folder, 'events.ndjson'))
    const warnings: string[] = []
    const again = createRecorder(runs, header(), plan, (text) => warnings.push(text))
    for (const event of hostEvents('edge-1', 'changed', 70)) again.emit(event)
    again.finish(end(0), [])
    expect(warnings).toEqual([expect.stringContaining('cannot be written: the disk is full')])
    expect(readFileSync(join(recorder.folder, 'result.json'), 'utf8')).toContain('"exitCode": 0')
  })

  it('of a client that was killed has what it saw, and is lost', () => {
    const runs = newFolder()
    const events = hostEvents('edge-1', 'changed', 70).slice(0, 4)
    const folder = compiled(['report/record-driver.ts'])
    const { signal } = spawnSync(process.execPath, [
      join(folder, 'test', 'record-driver.js'),
      runs,
      JSON.stringify(events),
    ])
    rmSync(folder, { recursive: true })
    expect(signal).toBe('SIGKILL')
    const record = readRun(runs, 'latest')
    expect(record.events.map(({ type }) => type)).toEqual(['host', 'host-step', 'host-step'])
    expect(record.end).toBeUndefined()
    expect(record.log('edge-1')).toContain('output of undo-removes-hub')
    expect(listRuns(runs)).toMatchObject([{ outcome: 'lost', hosts: 1 }])
  }, 60_000)

  it('is read although a line was cut short', () => {
    const runs = newFolder()
    const recorder = createRecorder(runs, header(), plan, () => {})
    recorder.emit({ type: 'note', text: 'one' })
    writeFileSync(join(recorder.folder, 'events.ndjson'), '{"time":"2026', { flag: 'a' })
    expect(readRun(runs, 'latest').events).toMatchObject([{ text: 'one' }])
  })
})

describe('runs', () => {
  const folderWith = (ids: readonly string[]): string => {
    const runs = newFolder()
    for (const name of ids) createRecorder(runs, header({ id: name }), plan, () => {})
    return runs
  }

  it('are listed, the newest first; what is no run is left out', () => {
    const runs = folderWith(['20260101t000000-aaaa', '20260102t000000-bbbb'])
    mkdirSync(join(runs, 'not-a-run'))
    mkdirSync(join(runs, '20260103t000000-cccc'))
    writeFileSync(join(runs, '20260103t000000-cccc', 'run.json'), 'no json')
    expect(listRuns(runs).map((run) => run.id)).toEqual(['20260102t000000-bbbb', '20260101t000000-aaaa'])
    expect(listRuns(join(runs, 'nowhere'))).toEqual([])
  })

  it('begin when their id says, and took what the work took', () => {
    const runs = newFolder()
    const called = '20261124t225130-abcd'
    createRecorder(runs, header({ id: called }), plan, () => {}).finish(end(0), [])
    expect(listRuns(runs)).toMatchObject([{ id: called, began: '2026-11-24T22:51:30Z', seconds: 300 }])
    expect(calledAt(newRunId())).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(calledAt('of-another-kind')).toBeUndefined()
  })

  it('are pruned to the newest; other folders stay', () => {
    const runs = folderWith(['20260101t000000-aaaa', '20260102t000000-bbbb', '20260103t000000-cccc'])
    mkdirSync(join(runs, '0-mine'))
    pruneRuns(runs, 3)
    expect(runIds(runs)).toEqual(['20260103t000000-cccc', '20260102t000000-bbbb'])
    expect(existsSync(join(runs, '0-mine'))).toBe(true)
  })

  it.each([
    ['latest', '20260202t000000-bbbb'],
    ['20260101', '20260101t000000-aaaa'],
    ['20260202t000000-bbbb', '20260202t000000-bbbb'],
  ])('%s is found', (name, found) => {
    const runs = folderWith(['20260101t000000-aaaa', '20260202t000000-bbbb'])
    expect(readRun(runs, name).header.id).toBe(found)
  })

  it.each([
    ['2026', 'several runs begin with "2026"'],
    ['1999', 'no run "1999"'],
    ['../..', 'no run "../.."'],
  ])('%s is refused', (name, message) => {
    const runs = folderWith(['20260101t000000-aaaa', '20260202t000000-bbbb'])
    expect(() => readRun(runs, name)).toThrow(message)
  })

  it('of another format are refused', () => {
    const runs = newFolder()
    createRecorder(runs, header({ format: 2 as 1 }), plan, () => {})
    expect(() => readRun(runs, 'latest')).toThrow('has format 2, not 1')
  })

  it.each([
    [end(0), false, 'done'],
    [end(3), false, 'failed'],
    [end(130), true, 'interrupted'],
    [undefined, true, 'running'],
    [undefined, false, 'lost'],
  ] as const)('outcome %#: %o', (given, alive, outcome) => {
    expect(outcomeOf(given, alive)).toBe(outcome)
  })

  it('name each failed host once for --limit', () => {
    const rows = [
      ['a', 'changed'],
      ['b', 'failed'],
      ['b', 'failed'],
      ['c', 'unreachable'],
      ['d', 'skipped'],
    ] as const
    expect(failedHosts(rows.map(([host, status]) => ({ host, status })))).toEqual(['b', 'c'])
    expect(failedHosts([{ host: 'b', status: 'failed' }], ['a', 'b'])).toEqual(['a', 'b'])
  })

  it.each([
    [{ HOME: '/home/ops' }, '/home/ops/.local/state/yurt-ssh/runs'],
    [{ HOME: '/home/ops', XDG_STATE_HOME: '/state' }, '/state/yurt-ssh/runs'],
    [{ HOME: '/home/ops', XDG_STATE_HOME: 'relative' }, '/home/ops/.local/state/yurt-ssh/runs'],
  ])('are kept where %o says', (env, folder) => {
    expect(defaultRunsFolder(env)).toBe(folder)
  })
})
