import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { YurtSshError } from '../../src/errors.js'
import { causesOf } from '../../src/report/causes.js'
import { renderRecap } from '../../src/report/recap.js'
import type { HostResult } from '../../src/rollout/host.js'
import { names } from '../support/rollout.js'

function resultOf(host: string, changes: Partial<HostResult> = {}): HostResult {
  const seconds = Number(host.replace(/\D/g, ''))
  return {
    host,
    node: host,
    title: 'edge hosts',
    status: 'changed',
    seconds,
    steps: [],
    notes: [],
    ...changes,
  }
}

function failureOf(host: string, code: string, message: string, node = host) {
  const status: HostResult['status'] = code.startsWith('SSH_') ? 'unreachable' : 'failed'
  const error = new YurtSshError(code, message, { host, detail: `words of ${host}` })
  return { ...resultOf(host, { node, status, failedAt: 'wait for the hub' }), error }
}

interface Case {
  name: string
  failures: [string, string, string][]
  nodes?: Record<string, string>
  causes: string[][]
}

const rows = parse(readFileSync(new URL('../cases/report/causes.yaml', import.meta.url), 'utf8')) as Case[]

describe('causes', () => {
  it.each(rows)('$name', ({ failures, nodes = {}, causes }) => {
    const hosts = failures.map(([host, code, message]) => failureOf(host, code, message, nodes[host]))
    expect(causesOf(hosts).map((cause) => cause.map(({ host }) => host))).toEqual(causes)
  })
})

describe('the recap of a fleet', () => {
  const hosts = [
    ...names('edge', 780).map((name) => resultOf(name)),
    ...names('e', 3).map((name) => failureOf(name, 'HOST_FAILED', `no hub on ${name}`)),
    failureOf('f-1', 'SSH_LOST', 'gone'),
    ...names('g', 16).map((name) => resultOf(name, { status: 'skipped', seconds: 0 })),
    resultOf('edge-7', { title: 'cloud hosts', notes: ['its flags were changed since'] }),
  ]
  const run = { hosts, skipped: ['edge hosts'], interrupted: false }
  const text = (verbose: boolean): string => stripVTControlCharacters(renderRecap(run, { verbose }))

  it('is a row per phase and result', () => {
    expect(text(false).split('\n\n')[0]?.split('\n')).toEqual([
      'edge hosts   changed      780 hosts  up to 13 min 0 s (edge-780)',
      'edge hosts   failed       3 hosts    e-[1:3], at: wait for the hub [HOST_FAILED]',
      'edge hosts   unreachable  1 host     f-1, at: wait for the hub [SSH_LOST]',
      'edge hosts   skipped      16 hosts   g-[1:16]',
      'cloud hosts  changed      1 host     up to 7 s (edge-7)',
      '             note                    edge-7: its flags were changed since',
    ])
  })

  it('has the first failure of each cause in full and the names of the others', () => {
    expect(text(false)).toContain(
      'e-1: no hub on e-1 [HOST_FAILED]\n  | words of e-1\n  the same on e-[2:3] (2 hosts); -v shows each\n\nf-1: gone [SSH_LOST]',
    )
    expect(text(false)).not.toContain('words of e-2')
  })

  it.each([
    ['of this machine', 72, 'wait for the hub'],
    ['of a lab that runs fast', 8, 'wait for the hub (steps by its own clock)'],
  ])('says whose clock measured a step: %s', (_whose, seconds, shown) => {
    const steps = [{ name: 'wait for the hub', reason: '', seconds: 61 }]
    const one = renderRecap({ ...run, hosts: [resultOf('edge-1', { seconds, steps })] })
    expect(stripVTControlCharacters(one).split('\n')[1]?.trim()).toBe(`61 s  ${shown}`)
  })

  it('has every host and every failure on request', () => {
    const full = text(true)
    expect(full).toMatch(/^edge-779 +changed +12 min 59 s +edge hosts$/m)
    for (const name of ['e-1', 'e-2', 'e-3', 'f-1']) expect(full).toContain(`words of ${name}`)
    expect(full).not.toContain('the same on')
  })
})
