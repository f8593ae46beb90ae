import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWatcher } from '../../src/cli/watch.js'
import type { ChangeResult } from '../../src/commands/change.js'
import { planConvert } from '../../src/plan/convert.js'
import { listRuns, readRun } from '../../src/report/record-reader.js'
import type { HostResult } from '../../src/rollout/host.js'
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
  leftOut: [
    { host: 'edge-9', why: 'its node is not Ready' },
    { host: 'cp-1', why: 'not in --limit' },
  ],
}

let told: string[] = []
beforeEach(() => {
  told = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told.push(String(text))
    return true
  })
})
afterEach(() => void vi.restoreAllMocks())

function result(hosts: Pick<HostResult, 'host' | 'status'>[]): ChangeResult {
  const whole = hosts.map(
    (host): HostResult => ({
      node: host.host,
      title: 'edge hosts',
      seconds: 1,
      steps: [],
      notes: [],
      ...host,
    }),
  )
  const checks = [
    { name: 'Root', status: 'ok' as const, message: 'runs as root' },
    { name: 'Iptables', host: 'edge-2', status: 'warning' as const, message: 'has no iptables' },
  ]
  return {
    exitCode: 3,
    verb: 'convert',
    runId: identity.id,
    checks,
    unsettled: [],
    plan,
    outlook: { waves: [], pace: defaultPace, leftOut: ['edge-9'] },
    run: { hosts: whole, skipped: ['cloud hosts'], interrupted: false },
  }
}

describe('a watched run', () => {
  it('is drawn and recorded, with its plan, its hosts and how it ended', async () => {
    const runs = mkdtempSync(join(tmpdir(), 'yurt-ssh-watch-'))
    const watcher = createWatcher({ inventory: ['fleet.yaml'], runDir: runs })
    const { emit, done } = watcher.watch(plan, identity)
    for (const event of hostEvents('edge-1', 'failed', 12)) emit(event)
    await done()
    expect(listRuns(runs)).toMatchObject([{ outcome: 'running', hosts: 5 }])
    const ended = result([
      { host: 'edge-1', status: 'failed' },
      { host: 'edge-2', status: 'changed' },
    ])
    expect(watcher.finish(ended)).toMatchObject({ runs, id: identity.id })

    expect(told.join('')).toMatch(/edge-1: wait for the hub, up to 180 s\n.*edge-1: failed in 12 s/s)
    const { header, end, events, plan: recorded } = readRun(runs, 'latest')
    expect(header).toMatchObject({ verb: 'convert', release: 'v0.6.1', server: identity.server })
    expect(header.hosts.map(({ name }) => name)).toEqual(site.hosts.map(({ name }) => name))
    // a master that --limit leaves out has its part all the same
    expect(header.leftOut).toEqual([{ host: 'edge-9', why: 'its node is not Ready' }])
    expect(header.environment).toMatchObject({ inventory: 'fleet.yaml', pid: process.pid })
    expect(recorded?.phases).toHaveLength(plan.phases.length)
    expect(events).toHaveLength(5)
    expect(end).toMatchObject({ exitCode: 3, skipped: ['cloud hosts'], warnings: [{ name: 'Iptables' }] })
    expect(readFileSync(join(runs, identity.id, 'failed-hosts'), 'utf8')).toBe('edge-9\nedge-1\n')
  })

  it('that never began leaves nothing', () => {
    const runs = mkdtempSync(join(tmpdir(), 'yurt-ssh-watch-'))
    const { run: _, ...refused } = result([])
    expect(createWatcher({ inventory: ['fleet.yaml'], runDir: runs }).finish(refused)).toBeUndefined()
    expect(() => readRun(runs, 'latest')).toThrow('no run')
  })
})
