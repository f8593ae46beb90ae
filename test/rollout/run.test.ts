import { describe, expect, it } from 'vitest'
import type { Cluster } from '../../src/cluster/types.js'
import { YurtSshError } from '../../src/errors.js'
import type { Host } from '../../src/inventory/types.js'
import type { HostWork, Plan } from '../../src/plan/types.js'
import type { RunEvent } from '../../src/rollout/events.js'
import type { HostResult } from '../../src/rollout/host.js'
import type { WaveAhead } from '../../src/rollout/hosts-phase.js'
import { type Amount, asksForWaves, defaultPace, type Pace, parseSerial } from '../../src/rollout/pace.js'
import { exitCodeOfRun, type RunResult, runPlan } from '../../src/rollout/run.js'
import type { Limits } from '../../src/rollout/threshold.js'
import { scheduleOf } from '../../src/rollout/waves.js'
import { release } from '../support/facts.js'
import { fc } from '../support/properties.js'
import { inGroups, names, phaseOf, planOf } from '../support/rollout.js'
import { cases } from './cases.js'

interface Given {
  pace?: Partial<Pace>
  forks?: number
  limits?: Partial<Limits>
  /** Hosts left out before the start. */
  leftOut?: string[]
  hosts?: Host[]
  /** Hosts that fail, and how. */
  failing?: Record<string, string>
  approveWave?: (wave: WaveAhead) => Promise<boolean>
  stop?: AbortController
  onBegin?: (host: string) => void
}

interface Ran {
  result: RunResult
  events: RunEvent[]
  /** Names as they began and ended, such as `+edge-1` and `-edge-1`. */
  log: string[]
  /** Hosts whose sessions were given up, each with how many entries the log had. */
  left: [string, number][]
}

/** Runs a plan whose hosts take a few turns of the event loop, as many as their name says. */
async function run(plan: Plan, given: Given = {}): Promise<Ran> {
  const { failing = {}, stop = new AbortController(), limits = {}, hosts = [] } = given
  const pace = { ...defaultPace, ...given.pace }
  const events: RunEvent[] = []
  const log: string[] = []
  const left: [string, number][] = []
  const work = async ({ host, node }: HostWork, title: string): Promise<HostResult> => {
    log.push(`+${host}`)
    given.onBegin?.(host)
    for (let turn = 0; turn < 1 + (host.length % 3); turn++) await new Promise(setImmediate)
    log.push(`-${host}`)
    const code = failing[host]
    const done: HostResult = { host, node, title, status: 'changed', seconds: 1, steps: [], notes: [] }
    if (code === undefined) return done
    const status = code.startsWith('SSH_') ? 'unreachable' : 'failed'
    return { ...done, status, error: new YurtSshError(code, 'no', { host }) }
  }
  const context = {
    cluster: {} as Cluster,
    connect: () => Promise.reject(new Error('not in this test')),
    planUndo: () => Promise.resolve(undefined),
    script: { runId: 'r', release },
    emit: (event: RunEvent) => void events.push(event),
    stop: stop.signal,
    leave: (host: string) => void left.push([host, log.length]),
    limits: { failFast: false, waves: asksForWaves(pace), ...limits },
    leftOut: given.leftOut ?? [],
    rhythm: {
      schedule: scheduleOf(plan, pace, hosts),
      forks: given.forks ?? 30,
      pauseSeconds: pace.pauseSeconds,
      ...(given.approveWave === undefined ? {} : { approveWave: given.approveWave }),
    },
  }
  return { result: await runPlan(plan, context, work), events, log, left }
}

function statuses({ result }: Ran): Record<string, string> {
  return Object.fromEntries(result.hosts.map(({ host, status }) => [host, status]))
}

const begun = ({ log }: Ran): string[] =>
  log.flatMap((entry) => (entry.startsWith('+') ? entry.slice(1) : []))

interface ThresholdCase {
  name: string
  serial?: string
  forks?: number
  allowed?: number
  leftOut?: string[]
  failFast?: boolean
  onFailure?: 'go-on' | 'stop' | 'finish-phase'
  order?: 'parallel' | 'one-by-one'
  failing: Record<string, string>
  /** Hosts that are begun, of edge-1 to edge-6 and then cloud-1. */
  begun: string[]
  skipped: string[]
  exitCode: number
  code?: string
}

describe('a threshold', () => {
  it.each(cases<ThresholdCase>('thresholds'))('$name', async (row) => {
    const { onFailure = 'go-on', order = 'parallel', allowed, leftOut = [], failFast = false } = row
    const plan = planOf(
      phaseOf('edge hosts', names('edge', 6), { onFailure, order }),
      phaseOf('cloud hosts', ['cloud-1']),
    )
    const ran = await run(plan, {
      pace: row.serial === undefined ? {} : { serial: parseSerial(row.serial) },
      forks: row.forks ?? 30,
      limits: { ...(allowed === undefined ? {} : { allowed }), failFast },
      leftOut,
      failing: row.failing,
    })
    expect(begun(ran).sort()).toEqual([...row.begun].sort())
    expect(ran.result.skipped).toEqual(row.skipped)
    expect(exitCodeOfRun(ran.result)).toBe(row.exitCode)
    expect(ran.result.error?.code).toBe(row.code)
    expect(begun(ran).length, 'whoever began also ended').toBe(ran.log.length / 2)
  })
})

describe('waves', () => {
  const plan = planOf(phaseOf('edge hosts', names('edge', 6)), phaseOf('cloud hosts', ['cloud-1']))

  it('begin when every host of the wave before has ended, and are told', async () => {
    const ran = await run(plan, { pace: { serial: parseSerial('1,2,100%') } })
    const waveOf = (entry: string): number =>
      [1, 3, 6, 7].findIndex((end) => [...names('edge', 6), 'cloud-1'].indexOf(entry.slice(1)) < end)
    const order = ran.log.map(waveOf)
    expect(order).toEqual([...order].sort())
    expect(ran.events.filter(({ type }) => type === 'wave')).toEqual([
      { type: 'wave', index: 0, count: 3, hosts: 1 },
      { type: 'wave', index: 1, count: 3, hosts: 2 },
      { type: 'wave', index: 2, count: 3, hosts: 3 },
    ])
    expect(Object.values(statuses(ran))).toEqual(Array(7).fill('changed'))
  })

  it('are asked about, all but the first of the run, with how it went so far', async () => {
    const asked: WaveAhead[] = []
    const approveWave = (wave: WaveAhead) => Promise.resolve(asked.push(wave) > 0)
    await run(plan, {
      pace: { serial: parseSerial('2,100%') },
      limits: { allowed: 1 },
      failing: { 'edge-1': 'HOST_FAILED' },
      approveWave,
    })
    expect(asked).toEqual([
      { title: 'edge hosts', index: 1, count: 2, hosts: names('edge', 6).slice(2), done: 2, failed: 1 },
      { title: 'cloud hosts', index: 0, count: 1, hosts: ['cloud-1'], done: 6, failed: 1 },
    ])
  })

  it('that are not approved end the run there', async () => {
    const ran = await run(plan, {
      pace: { serial: parseSerial('2,100%') },
      approveWave: () => Promise.resolve(false),
    })
    expect(begun(ran)).toEqual(['edge-1', 'edge-2'])
    expect(statuses(ran)).toMatchObject({ 'edge-1': 'changed', 'edge-3': 'skipped', 'edge-6': 'skipped' })
    expect(ran.result).toMatchObject({
      skipped: ['edge hosts', 'cloud hosts'],
      error: { code: 'INTERRUPTED_WAVE' },
    })
    expect(exitCodeOfRun(ran.result)).toBe(130)
  })

  it('are not asked about once the threshold is passed', async () => {
    const approveWave = () => Promise.reject(new Error('asked'))
    const ran = await run(plan, {
      pace: { serial: parseSerial('2,100%') },
      failing: { 'edge-2': 'SSH_LOST' },
      approveWave,
    })
    expect(ran.result.error?.code).toBe('THRESHOLD_FAILED')
  })

  it('do not begin after Ctrl-C in the pause before them', async () => {
    const stop = new AbortController()
    const running = run(plan, { pace: { serial: parseSerial('2,100%'), pauseSeconds: 3600 }, stop })
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    stop.abort()
    const ran = await running
    expect(begun(ran)).toEqual(['edge-1', 'edge-2'])
    expect(ran.events).toContainEqual({ type: 'note', text: 'pause of 3600 s before the next wave' })
    expect(ran.result).toMatchObject({ interrupted: true, skipped: ['edge hosts', 'cloud hosts'] })
  })
})

describe('at any time', () => {
  it('no more hosts than --forks, nor of a group than --max-unavailable, and every host once', async () => {
    const scenario = fc.record({
      groups: fc.array(fc.nat(4), { minLength: 1, maxLength: 40 }),
      forks: fc.integer({ min: 1, max: 8 }),
      most: fc.oneof(
        fc.integer({ min: 1, max: 5 }).map((count): Amount => ({ kind: 'count', count })),
        fc.integer({ min: 1, max: 100 }).map((percent): Amount => ({ kind: 'percent', percent })),
      ),
      serial: fc.constantFrom([], parseSerial('1,10%,100%'), parseSerial('30%')),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async ({ groups, forks, most, serial }) => {
        const groupOf = new Map(groups.map((group, index) => [`edge-${index}`, `site-${group}`]))
        const hosts = inGroups(
          Object.fromEntries([...groupOf].map(([name, group]) => [name, ['edge', group]])),
        )
        const plan = planOf(phaseOf('edge hosts', [...groupOf.keys()]))
        const ran = await run(plan, { hosts, forks, pace: { serial, maxUnavailable: most } })
        expect(begun(ran).sort()).toEqual([...groupOf.keys()].sort())
        const running = new Map<string, number>()
        for (const entry of ran.log) {
          const group = groupOf.get(entry.slice(1)) ?? ''
          running.set(group, (running.get(group) ?? 0) + (entry.startsWith('+') ? 1 : -1))
          const size = groups.filter((other) => `site-${other}` === group).length
          const limit =
            most.kind === 'count' ? most.count : Math.max(1, Math.floor((size * most.percent) / 100))
          expect(running.get(group)).toBeLessThanOrEqual(limit)
          expect([...running.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(forks)
        }
      }),
    )
  })

  it('kube-controller-manager hosts one at a time, whatever --forks and --serial say', async () => {
    const ran = await run(
      planOf(phaseOf('kube-controller-manager', names('cp', 3), { order: 'one-by-one', onFailure: 'stop' })),
    )
    expect(ran.log).toEqual(['+cp-1', '-cp-1', '+cp-2', '-cp-2', '+cp-3', '-cp-3'])
  })

  it('the window slides: a free place is taken at once', async () => {
    const ran = await run(planOf(phaseOf('edge hosts', ['a', 'bb', 'ccc', 'd'])), { forks: 2 })
    // each takes 1 + (letters % 3) turns: a ends first and makes room for ccc while bb still runs
    expect(ran.log.slice(0, 4)).toEqual(['+a', '+bb', '-a', '+ccc'])
  })
})

it('leaves a host when the last phase that works it has done so, and no host that was not begun', async () => {
  const ran = await run(
    planOf(
      phaseOf('kube-controller-manager', ['cp-1']),
      phaseOf('edge hosts', ['edge-1'], { onFailure: 'stop' }),
      phaseOf('cloud hosts', ['cp-1']),
      phaseOf('tunnel', ['edge-1', 'cloud-1'], { order: 'one-by-one', onFailure: 'stop' }),
    ),
    { failing: { 'edge-1': 'HOST_FAILED' } },
  )
  expect(ran.log).toEqual(['+cp-1', '-cp-1', '+edge-1', '-edge-1'])
  expect(ran.left, 'the phases that were to come have both').toEqual([])

  const whole = await run(
    planOf(
      phaseOf('edge hosts', ['edge-1', 'edge-2'], { order: 'one-by-one' }),
      phaseOf('tunnel', ['edge-1']),
    ),
  )
  expect(whole.log).toEqual(['+edge-1', '-edge-1', '+edge-2', '-edge-2', '+edge-1', '-edge-1'])
  expect(whole.left).toEqual([
    ['edge-2', 4],
    ['edge-1', 6],
  ])
})

it('leaves a host that failed', async () => {
  const failing = { 'edge-1': 'HOST_FAILED' }
  expect((await run(planOf(phaseOf('edge hosts', ['edge-1'])), { failing })).left).toEqual([['edge-1', 2]])
})

it('Ctrl-C lets running hosts end and begins no other', async () => {
  const stop = new AbortController()
  const onBegin = (host: string): void => {
    if (host === 'edge-2') stop.abort()
  }
  const ran = await run(planOf(phaseOf('edge hosts', names('edge', 5))), { forks: 2, stop, onBegin })
  expect(begun(ran)).toEqual(['edge-1', 'edge-2'])
  expect(Object.values(statuses(ran))).toEqual(['changed', 'changed', 'skipped', 'skipped', 'skipped'])
  expect(exitCodeOfRun(ran.result)).toBe(130)
})

it.each([
  { at: 'edge-1', begun: ['edge-1'], skipped: ['edge hosts'] },
  // nothing was left to begin
  { at: 'edge-2', begun: ['edge-1', 'edge-2'], skipped: [] },
])('ends with 130 after Ctrl-C at $at', async ({ at, begun: expected, skipped }) => {
  const stop = new AbortController()
  const onBegin = (host: string): void => {
    if (host === at) stop.abort()
  }
  const ran = await run(planOf(phaseOf('edge hosts', ['edge-1', 'edge-2'])), { forks: 2, stop, onBegin })
  expect(begun(ran)).toEqual(expected)
  expect(ran.result).toMatchObject({ interrupted: true, skipped })
  expect(exitCodeOfRun(ran.result)).toBe(130)
})
