import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ClusterStep, KubeObject } from '../../src/cluster/types.js'
import type { HostWork } from '../../src/plan/types.js'
import { renderPlan } from '../../src/report/plan.js'
import { renderSummary } from '../../src/report/plan-summary.js'
import { defaultPace, parseSerial } from '../../src/rollout/pace.js'
import { scheduleOf } from '../../src/rollout/waves.js'
import { names, phaseOf, planOf, workOf } from '../support/rollout.js'

interface Case {
  name: string
  hosts: Record<string, string>
  notes?: Record<string, string[]>
  serial?: string
  text: string
}

const rows = parse(readFileSync(new URL('../cases/report/plan.yaml', import.meta.url), 'utf8')) as Case[]

function edgeWork(host: string, before: string, notes: string[]): HostWork {
  const after: ClusterStep = {
    kind: 'label',
    node: host,
    key: 'l',
    value: 'true',
    before: null,
    reason: 'it is an edge node now',
  }
  const file = before === '' ? { before: 'absent' } : { before: 'sha', beforeContent: `${before}\n` }
  const content = before === '' ? 'ours\n' : `${before}\nours\n`
  const step = {
    kind: 'write-file',
    path: '/f',
    content,
    mode: '0644',
    uid: 0,
    gid: 0,
    ...file,
    reason: 'to test',
  } as const
  const transaction = {
    kind: 'hub',
    verb: 'convert',
    steps: [step],
    cleanup: [],
    deadlineSeconds: 1,
  } as const
  return workOf(host, { transaction: { ...transaction, steps: [step], cleanup: [] }, after: [after], notes })
}

describe('a plan of hosts', () => {
  it.each(rows)('$name', ({ hosts, notes = {}, serial, text }) => {
    const work = Object.entries(hosts).map(([host, before]) => edgeWork(host, before, notes[host] ?? []))
    const plan = planOf({ ...phaseOf('edge hosts', []), work } as never)
    const pace = { ...defaultPace, serial: serial === undefined ? [] : parseSerial(serial) }
    const { waves } = scheduleOf(plan, pace, [])
    expect(stripVTControlCharacters(renderPlan(plan, { diff: true, waves }))).toBe(text.trimEnd())
  })

  it('ends a long list of waves', () => {
    const plan = planOf(phaseOf('edge hosts', names('edge', 800)))
    const { waves } = scheduleOf(plan, { ...defaultPace, serial: parseSerial('1') }, [])
    const text = stripVTControlCharacters(renderPlan(plan, { diff: false, waves }))
    expect(text).toContain('   wave 11: edge-11\n   and 789 more waves: edge-[12:800] (789 hosts)\n')
  })
})

describe('a change of an object', () => {
  const live: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      uid: 'u',
      resourceVersion: '7',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"b2xk"}}' },
    },
    data: { a: 'b2xk', b: 'c2FtZQ==' },
    status: { x: 'y' },
  }
  const shown = (step: ClusterStep): string =>
    stripVTControlCharacters(
      renderPlan(planOf({ title: 'c', kind: 'cluster', steps: [step] }), { diff: true }),
    )

  it('is a diff of what differs, a secret masked and yet seen to change', () => {
    const object = { ...live, metadata: { name: 's' }, data: { a: 'bmV3' }, type: 'Opaque' }
    expect(shown({ kind: 'apply', object, before: live, reason: 'r' })).toBe(
      [
        '1. c',
        '   update Secret s  r',
        '      @@ -5,4 +5,5 @@',
        '         annotations: {}',
        '       data:',
        '      -  a: "********"',
        '      +  a: "******** (changed)"',
        '         b: "********"',
        '      +type: Opaque',
      ].join('\n'),
    )
  })

  it('of a new one is all of it, however long', () => {
    const data = Object.fromEntries(names('key', 12_000).map((name) => [name, 'x']))
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'long' }, data }
    const text = shown({ kind: 'apply', object, before: null, reason: 'r' })
    expect(text).toContain('@@ -0,0 +1,12005 @@')
    expect(text).toContain('+  key-12000: x')
  })

  it('of a deleted one is all of it, without what the server writes', () => {
    const text = shown({
      kind: 'delete',
      ref: { apiVersion: 'v1', kind: 'Secret', name: 's' },
      before: live,
      reason: 'r',
    })
    expect(text).toMatch(/-kind: Secret\n/)
    expect(text).not.toMatch(/b2xk|c2FtZQ|resourceVersion|uid|status/)
  })
})

describe('the summary', () => {
  it('is a line per phase, and who is left out', () => {
    const plan = planOf(
      {
        title: 'components',
        kind: 'cluster',
        steps: [
          {
            kind: 'apply',
            object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } },
            before: null,
            reason: '',
          },
          { kind: 'wait-deployment', namespace: 'n', name: 'd', timeoutSeconds: 1, reason: '' },
        ],
      },
      {
        ...phaseOf('edge hosts', []),
        work: [edgeWork('edge-1', '', []), ...names('e', 799).map((name) => workOf(name))],
      } as never,
    )
    const pace = { ...defaultPace, serial: parseSerial('1,10%,100%'), pauseSeconds: 300 }
    const { waves } = scheduleOf(plan, pace, [])
    expect(renderSummary(plan, { waves, pace, leftOut: ['edge-7', 'edge-8'] }).split('\n')).toEqual([
      'components             1 created, 1 wait',
      'edge hosts  800 hosts  change files on 1, label the node on 1, restart the kubelet on 799  3 waves of 1, 80, 719 hosts',
      'left out: 2 hosts: edge-[7:8]',
      'the pauses between waves take 10 min 0 s',
    ])
  })

  it.each([
    ['1', 2, '2 waves of 1 host'],
    ['2', 4, '2 waves of 2 hosts'],
    ['1,3', 4, '2 waves of 1, 3 hosts'],
  ])('says waves of --serial %s', (serial, hosts, text) => {
    const plan = planOf(phaseOf('edge hosts', names('e', hosts)))
    const pace = { ...defaultPace, serial: parseSerial(serial) }
    const { waves } = scheduleOf(plan, pace, [])
    expect(renderSummary(plan, { waves, pace, leftOut: [] })).toMatch(new RegExp(`  ${text}$`))
  })
})
