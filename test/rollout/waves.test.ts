import { describe, expect, it } from 'vitest'
import { groupsOf } from '../../src/rollout/groups.js'
import { type Amount, amountOf, defaultPace, parseAmount, parseSerial } from '../../src/rollout/pace.js'
import { cut, scheduleOf } from '../../src/rollout/waves.js'
import { fc } from '../support/properties.js'
import { inGroups, names, phaseOf, planOf } from '../support/rollout.js'
import { cases } from './cases.js'

interface CutCase {
  name: string
  hosts: number
  serial?: string
  waves: number[]
}

interface GroupCase {
  name: string
  level?: string
  hosts: Record<string, string[]>
  groups?: Record<string, [string, number]>
  error?: string
}

describe('sizes of waves', () => {
  it.each(cases<CutCase>('cut'))('$name', ({ hosts, serial, waves }) => {
    const cutUp = cut(names('edge', hosts), serial === undefined ? [] : parseSerial(serial))
    expect(cutUp.map(({ length }) => length)).toEqual(waves)
    expect(cutUp.flat()).toEqual(names('edge', hosts))
  })

  it('have every host exactly once, in order, and no wave above its size', () => {
    const amount: fc.Arbitrary<Amount> = fc.oneof(
      fc.integer({ min: 1, max: 50 }).map((count): Amount => ({ kind: 'count', count })),
      fc.integer({ min: 1, max: 100 }).map((percent): Amount => ({ kind: 'percent', percent })),
    )
    fc.assert(
      fc.property(fc.nat(400), fc.array(amount, { maxLength: 5 }), (count, sizes) => {
        const hosts = names('h', count)
        const waves = cut(hosts, sizes)
        expect(waves.flat()).toEqual(hosts)
        for (const [index, wave] of waves.entries()) {
          const size = sizes[Math.min(index, sizes.length - 1)]
          expect(wave.length).toBeGreaterThan(0)
          if (size !== undefined) expect(wave.length).toBeLessThanOrEqual(amountOf(size, count))
        }
      }),
    )
  })
})

describe('an amount', () => {
  const rows = cases<{ text: string; amount?: Amount; least?: number }>('amounts')
  it.each(rows)('"$text" from $least', ({ text, amount, least }) => {
    const parse = () => parseAmount(text, '--max-fail', least)
    if (amount === undefined) expect(parse).toThrow(expect.objectContaining({ code: 'USAGE_AMOUNT' }))
    else expect(parse()).toEqual(amount)
  })
})

describe('the group that counts', () => {
  it.each(cases<GroupCase>('groups'))('$name', ({ level, hosts, groups, error }) => {
    const found = () => groupsOf(inGroups(hosts), level)
    if (error !== undefined) {
      expect(found).toThrow(
        expect.objectContaining({ code: 'USAGE_SERIAL_BY', message: expect.stringContaining(error) }),
      )
      return
    }
    const rows = [...found()].map(([name, { group, size }]) => [name, [group, size]])
    expect(Object.fromEntries(rows)).toEqual(groups)
  })
})

describe('a schedule', () => {
  const hosts = inGroups({
    'cp-1': ['cloud'],
    'a-1': ['edge', 'site-a'],
    'b-1': ['edge', 'site-b'],
    'a-2': ['edge', 'site-a'],
    'b-2': ['edge', 'site-b'],
    'c-1': ['edge', 'site-c'],
  })
  const edge = ['a-1', 'b-1', 'a-2', 'b-2', 'c-1']
  const plan = planOf(
    { title: 'labels', kind: 'cluster', steps: [] },
    phaseOf('kube-controller-manager', ['cp-1'], { order: 'one-by-one' }),
    phaseOf('edge hosts', edge),
    phaseOf('cloud hosts', ['cp-1']),
  )
  const one: Amount = { kind: 'count', count: 1 }

  it('has waves only where kubelets are restarted in parallel', () => {
    const { waves } = scheduleOf(
      plan,
      { ...defaultPace, serial: [one, { kind: 'percent', percent: 100 }] },
      hosts,
    )
    expect(waves).toEqual([[], [], [['a-1'], ['b-1', 'a-2', 'b-2', 'c-1']], [['cp-1']]])
    const leftovers = planOf({ ...phaseOf('leftovers', edge), work: [{ ...workWithout('a-1') }] } as never)
    expect(scheduleOf(leftovers, { ...defaultPace, serial: [one] }, hosts).waves).toEqual([[]])
  })

  it('counts groups with --serial-by, one at a time and half of it unless the operator says otherwise', () => {
    const { waves, atOnce } = scheduleOf(plan, { ...defaultPace, serialBy: 'site' }, hosts)
    expect(waves[2]).toEqual([['a-1', 'a-2'], ['b-1', 'b-2'], ['c-1']])
    expect(Object.fromEntries(atOnce)).toEqual({ '': 1, 'site-a': 1, 'site-b': 1, 'site-c': 1 })
    const given = scheduleOf(
      plan,
      {
        ...defaultPace,
        serialBy: 'site',
        serial: [one, { kind: 'count', count: 2 }],
        maxUnavailable: { kind: 'percent', percent: 100 },
      },
      hosts,
    )
    expect(given.waves[2]).toEqual([
      ['a-1', 'a-2'],
      ['b-1', 'b-2', 'c-1'],
    ])
    expect(Object.fromEntries(given.atOnce)).toEqual({ '': 1, 'site-a': 2, 'site-b': 2, 'site-c': 1 })
  })

  it('has hosts in no such group last', () => {
    const mixed = planOf(phaseOf('edge hosts', ['cp-1', 'a-1', 'b-1', 'a-2']))
    const { waves } = scheduleOf(mixed, { ...defaultPace, serialBy: '2' }, hosts)
    expect(waves).toEqual([[['a-1', 'a-2'], ['b-1'], ['cp-1']]])
  })

  it('limits no group that nobody asked to limit', () => {
    expect(scheduleOf(plan, defaultPace, hosts).atOnce.size).toBe(0)
  })
})

function workWithout(host: string) {
  return { host, node: host, after: [], forget: true, notes: [] }
}
