import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import picocolors from 'picocolors'
import { describe, expect, it, vi } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import type { Check } from '../../src/plan/checks.js'
import { planConvert } from '../../src/plan/convert.js'
import { planRevert } from '../../src/plan/revert.js'
import { hostStatuses } from '../../src/plan/status.js'
import type { Plan } from '../../src/plan/types.js'
import { toJson } from '../../src/report/json.js'
import { createProgress } from '../../src/report/progress.js'
import type { HostResult } from '../../src/rollout/host.js'
import type { RunResult } from '../../src/rollout/run.js'
import { file, options } from '../support/facts.js'
import { all, convertedSite, fleetOf, nativeSite } from '../support/fleet.js'

const token = 'abcdef.0123456789abcdef'
const given = { ...options, joinToken: true }
const native = nativeSite()
const convert: Plan = planConvert(fleetOf(native), all(native), given)

/** A revert whose hub manifest came with its token, as it must never, but might. */
function leakyRevert(): Plan {
  const site = convertedSite(given)
  const facts = site.facts.get('edge-1')
  if (facts === undefined) throw new Error('no edge-1')
  const hubManifest = file('hubManifest', `command: [yurthub, "--join-token=${token}"]\n`)
  site.facts.set('edge-1', { ...facts, files: { ...facts.files, hubManifest } })
  return planRevert(fleetOf(site), all(site), given)
}

const result: HostResult = {
  host: 'edge-1',
  node: 'edge-1',
  title: 'edge hosts',
  status: 'changed',
  seconds: 72,
  steps: [
    { name: 'prepare', reason: 'at once', seconds: 0 },
    { name: 'wait for the hub', reason: 'it must be there', seconds: 61 },
  ],
  notes: ['its flags were changed since'],
}

const run: RunResult = {
  hosts: [
    result,
    {
      ...result,
      host: 'edge-2',
      status: 'failed',
      failedAt: 'restart the kubelet',
      error: new YurtSshError('HOST_FAILED', 'the hub did not become healthy', {
        host: 'edge-2',
        detail: '--- log of the hub:\nline one\nline two',
        hint: 'look there',
      }),
    },
  ],
  skipped: ['cloud hosts'],
  interrupted: true,
}

const checks: Check[] = [
  { name: 'NodesReady', status: 'ok', message: '3 nodes Ready' },
  { name: 'Root', host: 'edge-1', status: 'ok', message: 'runs as root' },
  {
    name: 'Ports',
    host: 'edge-2',
    status: 'failed',
    message: 'port 10261 is taken',
    hint: 'find who listens',
  },
  { name: 'Iptables', host: 'edge-2', status: 'warning', message: 'has no iptables' },
]

/** The reports with or without colours; picocolors itself asks the environment and the terminal. */
async function reports({ colors } = { colors: false }) {
  vi.resetModules()
  vi.doMock('picocolors', () => ({ default: picocolors.createColors(colors) }))
  const [plan, recap, check, status, summary] = await Promise.all([
    import('../../src/report/plan.js'),
    import('../../src/report/recap.js'),
    import('../../src/report/checks.js'),
    import('../../src/report/status.js'),
    import('../../src/report/plan-summary.js'),
  ])
  return { ...plan, ...recap, ...check, ...status, ...summary }
}

describe('a plan', () => {
  it('shows every phase, host and step in the order of the run', async () => {
    const { renderPlan } = await reports()
    const text = renderPlan(convert, { diff: false })
    const titles = text.split('\n').filter((line) => /^\d+\. /.test(line))
    expect(titles).toEqual(convert.phases.map(({ title }, index) => `${index + 1}. ${title}`))
    for (const hosts of ['cp-[1:2] (2 hosts)', 'edge-[1:2] (2 hosts)', 'cloud-1'])
      expect(text).toContain(`\n   ${hosts}\n`)
    expect(text).toContain('\n   one at a time: cp-2, cp-1\n')
    expect(text).toContain('cloud-1,cp-[1:2] (3 hosts): label openyurt.io/is-edge-worker=false')
    expect(text).toContain('create /etc/kubernetes/manifests/yurt-hub.yaml (0600)')
    expect(text).toContain('\n      label openyurt.io/is-edge-worker=true  ')
    expect(text).not.toMatch(/note that|note which/)
  })

  it('shows the changes of files and objects with --diff', async () => {
    const { renderPlan } = await reports()
    const text = renderPlan(convert, { diff: true })
    expect(text).toMatch(/^ *-KUBELET_KUBEADM_ARGS="[^"]*pause:3.2"$/m)
    expect(text).toMatch(/^ *\+KUBELET_KUBEADM_ARGS="[^"]* --bootstrap-kubeconfig="$/m)
    expect(text).toMatch(/^ *\+ *- --controllers=-nodelifecycle,\*,bootstrapsigner,tokencleaner$/m)
    expect(text).toMatch(/^ *\+kind: ClusterRole$/m)
    expect(renderPlan(convert, { diff: false })).not.toContain('+kind')
  })

  it.each([true, false])('shows no token and no placeholder, diff: %s', async (diff) => {
    const { renderPlan } = await reports()
    for (const plan of [convert, leakyRevert()]) {
      const text = renderPlan(plan, { diff })
      expect(text).not.toContain(token)
      expect(text).not.toContain('{{token}}')
      expect(text.includes('--join-token=********')).toBe(diff)
    }
  })

  it('says so when there is nothing to do', async () => {
    const { renderPlan, summarizePlan } = await reports()
    const plan = { ...convert, phases: [], notes: [] }
    expect(renderPlan(plan, { diff: true })).toBe('Nothing to do.')
    const waiting = renderPlan({ ...plan, notes: ['waits for edge-2'] }, { diff: true })
    expect(waiting).toBe('Nothing can be done now.\nnote: waits for edge-2')
    expect(summarizePlan(convert)).toMatch(/convert.*v0\.6\.1.*5 hosts/)
  })

  it('has its notes', async () => {
    const { renderPlan } = await reports()
    expect(renderPlan({ ...convert, notes: ['the rest waits'] }, { diff: false })).toMatch(
      /\nnote: the rest waits$/,
    )
  })
})

describe('a recap', () => {
  it('has hosts, long steps, notes, and failures with what to do', async () => {
    const { renderRecap } = await reports()
    const text = renderRecap(run)
    expect(text).toMatch(/^edge-1 +changed +72 s +edge hosts$/m)
    expect(text).toMatch(/61 s +wait for the hub$/m)
    expect(text).not.toContain('prepare')
    expect(text).toContain('its flags were changed since')
    expect(text).toMatch(
      /^edge-2 +failed +72 s +edge hosts, at: restart the kubelet \[HOST_FAILED\]\n +line one$/m,
    )
    expect(text).toContain(
      'edge-2: the hub did not become healthy [HOST_FAILED]\n  | --- log of the hub:\n  | line one\n  | line two\n  hint: look there',
    )
    expect(text).toContain('not done: cloud hosts')
    expect(text).toContain('interrupted')
  })
})

describe('checks', () => {
  it('are a block per cause, what failed first, and a line for who passed', async () => {
    const { renderChecks } = await reports()
    expect(renderChecks(checks).split('\n')).toEqual([
      'failed   edge-2',
      '         Ports: port 10261 is taken',
      '         hint: find who listens',
      'warning  edge-2',
      '         Iptables: has no iptables',
      'ok       cluster: 1 check',
      'ok       edge-1: 1 check',
    ])
  })

  it.each([5, 60, 400].flatMap((hosts) => [60, 80, 100].map((columns) => [hosts, columns] as const)))(
    'of %i hosts at %i columns are as they were read',
    async (hosts, columns) => {
      const { renderChecks } = await reports()
      const text = renderChecks(checksOf(hosts), columns)
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
      await expect(`${text}\n`).toMatchFileSnapshot(`../cases/report/checks/${hosts}-hosts-${columns}.txt`)
    },
  )
})

/** A fleet of which some fail in one of four ways; the first host and every one of its kind. */
function checksOf(hosts: number): Check[] {
  const width = String(hosts).length
  const names = Array.from({ length: hosts }, (_, at) => `edge-${String(at + 1).padStart(width, '0')}`)
  const of = (
    host: string,
    name: string,
    status: Check['status'],
    message: string,
    hint?: string,
  ): Check => ({
    name,
    host,
    status,
    message,
    ...(hint === undefined ? {} : { hint }),
  })
  return [
    { name: 'NodesReady', status: 'ok', message: `${hosts} nodes Ready` },
    ...names.flatMap((host, at) => {
      const address = `192.0.2.${at % 250}:22`
      if (at % 20 === 4) {
        const message = `no answer from ${address} within 10 s`
        return of(host, 'Reachable', 'failed', message, 'is the host up, and does a firewall let you in?')
      }
      const root = of(host, 'Root', 'ok', `${host} runs as root`)
      if (at % 50 === 1) {
        const hint = `load it on ${host}, or give it a way to the registry`
        const message = 'has no docker.io/openyurt/yurthub:v0.6.1 and does not reach the registry'
        return [root, of(host, 'Image', 'failed', message, hint)]
      }
      if (at % 70 === 2) return [root, of(host, 'Disk', 'failed', `${at} MiB are free in /var/lib`)]
      if (at === 3) return [root, of(host, 'Iptables', 'warning', 'has no iptables')]
      return [root, of(host, 'Systemd', 'ok', 'runs systemd')]
    }),
  ]
}

describe('JSON', () => {
  it('has errors as data and no token', () => {
    const text = toJson({ plan: leakyRevert(), convert, run, token: `--join-token=${token}` })
    expect(text).not.toContain(token)
    const data = JSON.parse(text) as { run: { hosts: { error?: unknown }[] } }
    expect(data.run.hosts[1]?.error).toEqual({
      code: 'HOST_FAILED',
      message: 'the hub did not become healthy',
      host: 'edge-2',
      hint: 'look there',
      detail: '--- log of the hub:\nline one\nline two',
    })
  })
})

it('JSON has no value of a Secret, not in what kubectl noted on it either', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"c2VjcmV0"}}' }
  const before = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', annotations },
    data: { a: 'c2VjcmV0' },
  }
  const text = toJson({
    steps: [{ kind: 'delete', before }, { before: { ...before, stringData: { b: 'hush' } } }],
  })
  expect(text).toContain('"a": "********"')
  expect(text).not.toMatch(/c2VjcmV0|hush/)
})

it('an error never shows a token, in whatever form a hub logged it', async () => {
  const { renderError } = await reports()
  const detail = 'cfg: {JoinToken:"abcdef.0123456789abcdef"}\nFLAG: --join-token="abcdef.0123456789abcdef"'
  const text = renderError(new YurtSshError('HOST_FAILED', 'put back', { host: 'edge-1', detail }))
  expect(text).not.toContain('0123456789abcdef')
  expect(text.match(/\*{8}/g)).toHaveLength(2)
})

describe('status', () => {
  it('is a line per host, and what the cluster lacks', async () => {
    const { renderStatus } = await reports()
    const hosts = hostStatuses(native.hosts, fleetOf(native), convert, new Map(), options)
    const unsettled = ['edge-1: undoes the transaction r']
    const text = renderStatus(
      { hosts, plan: convert, lock: null, deadRuns: [], halfReverted: null, unsettled },
      0,
    )
    expect(text).toMatch(/^HOST +ROLE +STATE +NODE/)
    expect(text).toMatch(/^edge-1 +edge +native +Ready$/m)
    expect(text).toContain('edge-1: undoes the transaction r')
    expect(text).toContain('cluster: cp-1: label openyurt.io/is-edge-worker=false')
    expect(text).toMatch(/\nNot all is converted: `convert --check --diff` shows what is left, .*$/)
  })
})

describe('colours', () => {
  const texts = async (colors: boolean): Promise<string[]> => {
    const { renderPlan, renderRecap, renderChecks } = await reports({ colors })
    return [renderPlan(convert, { diff: true }), renderRecap(run), renderChecks(checks)]
  }

  it('change nothing but the looks', async () => {
    const plain = await texts(false)
    expect(plain.map(stripVTControlCharacters)).toEqual(plain)
    const colored = await texts(true)
    for (const [index, text] of colored.entries()) {
      expect(text).not.toBe(plain[index])
      expect(stripVTControlCharacters(text)).toBe(plain[index])
    }
  })
})

describe('progress without a terminal', () => {
  it('is a line per event, without steps that only prepare an undo', async () => {
    const stream = new PassThrough()
    const progress = createProgress(stream as unknown as NodeJS.WriteStream)
    progress.emit({ type: 'phase', title: 'edge hosts', index: 4, count: 6, hosts: 2 })
    progress.emit({ type: 'host-step', host: 'edge-1', step: { kind: 'undo-removes-hub', reason: '' } })
    progress.emit({
      type: 'host-step',
      host: 'edge-1',
      step: { kind: 'wait-hub', timeoutSeconds: 60, reason: '' },
    })
    progress.emit({ type: 'host-done', host: 'edge-1', status: 'failed', seconds: 125, message: 'no hub' })
    await progress.done()
    const lines = String(stream.read()).trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
      '[5/6] edge hosts, 2 hosts',
      'edge-1: wait for the hub, up to 60 s',
      'edge-1: failed in 2 min 5 s: no hub',
    ])
  })
})
