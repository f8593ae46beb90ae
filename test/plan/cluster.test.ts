import { describe, expect, it } from 'vitest'
import { type ClusterStep, refKey } from '../../src/cluster/types.js'
import { YurtSshError } from '../../src/errors.js'
import type { JournalFacts } from '../../src/node/types.js'
import { planConvert } from '../../src/plan/convert.js'
import { halfReverted } from '../../src/plan/half-done.js'
import type { PlanOptions } from '../../src/plan/options.js'
import { preflightRevert } from '../../src/plan/preflight-revert.js'
import { planRevert } from '../../src/plan/revert.js'
import { hostStatuses, refusedPassword } from '../../src/plan/status.js'
import type { Phase, Plan } from '../../src/plan/types.js'
import { file, nativeFacts, nodeNamed, options, release } from '../support/facts.js'
import { all, convertedSite, fleetOf, nativeSite, type Site } from '../support/fleet.js'

const convert = (site: Site, given: PlanOptions = options, selected: Set<string> = all(site)): Plan =>
  planConvert(fleetOf(site), selected, given)
const revert = (site: Site, given: PlanOptions = options, selected: Set<string> = all(site)): Plan =>
  planRevert(fleetOf(site), selected, given)

/** Each phase as one line: its title, and its hosts, or the kinds of its steps. */
function outline({ phases }: Plan): string[] {
  return phases.map(
    (phase) => `${phase.title}: ${phase.kind === 'hosts' ? hostsOf(phase) : kindsOf(phase.steps)}`,
  )
}

function hostsOf(phase: Phase): string {
  return phase.kind === 'hosts' ? phase.work.map(({ host }) => host).join(', ') : ''
}

function kindsOf(steps: readonly ClusterStep[]): string {
  return [...new Set(steps.map(({ kind }) => kind))].join(', ')
}

function steps(plan: Plan, title: string): ClusterStep[] {
  const phase = plan.phases.find((candidate) => candidate.title === title)
  return phase?.kind === 'cluster' ? phase.steps : []
}

function workOf(plan: Plan, host: string) {
  return plan.phases.flatMap((phase) =>
    phase.kind === 'hosts' ? phase.work.filter((work) => work.host === host) : [],
  )
}

/** `node: key=value` of labels and annotations. */
function metadata(found: readonly ClusterStep[]): string[] {
  return found.flatMap((step) =>
    step.kind === 'label' || step.kind === 'annotate' ? [`${step.node}: ${step.key}=${step.value}`] : [],
  )
}

const { edgeWorkerLabel: label, autonomyAnnotation: autonomy } = release

describe('converting a cluster', () => {
  it('has its phases in an order that always leaves the node lifecycle with an owner', () => {
    const plan = convert(nativeSite())
    expect(outline(plan)).toEqual([
      'label cloud nodes: label',
      'OpenYurt components: apply, wait-deployment, wait-lease',
      'kube-controller-manager: cp-2, cp-1',
      'kube-controller-manager leader: wait-leader',
      'edge hosts: edge-1, edge-2',
      'cloud hosts: cloud-1',
    ])
    expect(
      plan.phases.map((phase) => (phase.kind === 'hosts' ? [phase.order, phase.onFailure] : [])),
    ).toEqual([[], [], ['one-by-one', 'stop'], [], ['parallel', 'go-on'], ['parallel', 'go-on']])
    expect(metadata(steps(plan, 'label cloud nodes'))).toEqual([
      `cp-1: ${label}=false`,
      `cp-2: ${label}=false`,
      `cloud-1: ${label}=false`,
    ])
  })

  it('works the leader last, whoever it is', () => {
    const site = nativeSite()
    site.cluster = { kcmLeader: 'cp-2_77aa' }
    expect(outline(convert(site))).toContain('kube-controller-manager: cp-1, cp-2')
    const leader = steps(convert(site), 'kube-controller-manager leader')
    expect(leader).toMatchObject([{ kind: 'wait-leader', before: 'cp-2_77aa' }])
  })

  it('confirms each host on the API: hash of the mirror pod, heartbeat and hub', () => {
    const plan = convert(nativeSite())
    expect(workOf(plan, 'cp-2')[0]?.confirm).toEqual({
      kind: 'controller-manager',
      lifecycle: 'off',
      before: 'hash-of-cp-2',
    })
    expect(workOf(plan, 'edge-1')[0]?.confirm).toEqual({
      kind: 'node-ready',
      after: '2026-01-02T03:04:06Z',
      mirrorPod: 'yurt-hub-edge-1',
    })
  })

  it.each([
    { autonomousNodes: undefined, annotated: ['edge-1', 'edge-2'] },
    { autonomousNodes: ['edge-2'], annotated: ['edge-2'] },
    { autonomousNodes: [], annotated: [] },
  ])(
    'with -a $autonomousNodes $annotated are autonomous, after their proof',
    ({ autonomousNodes, annotated }) => {
      const given = autonomousNodes === undefined ? options : { ...options, autonomousNodes }
      const plan = convert(nativeSite(), given)
      for (const name of ['edge-1', 'edge-2']) {
        expect(metadata(workOf(plan, name)[0]?.after ?? [])).toEqual([
          `${name}: ${label}=true`,
          ...(annotated.includes(name) ? [`${name}: ${autonomy}=true`] : []),
        ])
      }
    },
  )

  it('takes the annotation from an edge node that is no longer among the autonomous ones', () => {
    const plan = convert(convertedSite(), { ...options, autonomousNodes: ['edge-1'] })
    expect(metadata(workOf(plan, 'edge-2')[0]?.after ?? [])).toEqual([`edge-2: ${autonomy}=null`])
    expect(workOf(plan, 'edge-1')).toEqual([])
  })

  it('gives a control-plane host a hub only where its entry says so, in cloud mode', () => {
    const site = nativeSite()
    site.hosts = site.hosts.map((host) => (host.name === 'cp-2' ? { ...host, hub: true } : host))
    const hubs = convert(site).phases.find(({ title }) => title === 'cloud hosts')
    expect(hubs === undefined ? '' : hostsOf(hubs)).toContain('cp-2')
    const manifest = workOf(convert(site), 'cp-2')
      .flatMap(({ transaction }) => transaction?.steps ?? [])
      .find((step) => step.kind === 'write-file' && step.path.endsWith('yurt-hub.yaml'))
    expect(manifest).toMatchObject({ content: expect.stringContaining('--working-mode=cloud') })
  })

  it('with --limit works those hosts, and the whole control plane all the same', () => {
    const plan = convert(nativeSite(), options, new Set(['edge-2']))
    expect(outline(plan)).toEqual([
      'label cloud nodes: label',
      'OpenYurt components: apply, wait-deployment, wait-lease',
      'kube-controller-manager: cp-2, cp-1',
      'kube-controller-manager leader: wait-leader',
      'edge hosts: edge-2',
    ])
  })

  it('plans nothing on a converted cluster', () => {
    expect(convert(convertedSite()).phases).toEqual([])
    const given = { ...options, deployTunnel: true, enableAppManager: true }
    expect(convert(convertedSite(given), given).phases).toEqual([])
  })

  it('adds components that are asked for later, and only them', () => {
    const plan = convert(convertedSite(), { ...options, deployTunnel: true })
    expect(outline(plan)).toEqual(['OpenYurt components: apply, wait-deployment, wait-lease'])
    const reasons = new Set(
      steps(plan, 'OpenYurt components').flatMap((step) => (step.kind === 'apply' ? [step.reason] : [])),
    )
    expect([...reasons]).toEqual(['yurt-tunnel-server', 'yurt-tunnel-agent'])
  })

  it('finishes a host that committed and was not labelled', () => {
    const site = convertedSite()
    site.nodes = site.nodes.map((node) =>
      node.name === 'edge-2' ? { ...node, labels: {}, annotations: {} } : node,
    )
    const plan = convert(site)
    const [work] = workOf(plan, 'edge-2')
    expect(work?.transaction).toBeUndefined()
    expect(metadata(work?.after ?? [])).toEqual([`edge-2: ${label}=true`, `edge-2: ${autonomy}=true`])
    expect(outline(plan).at(-1)).toBe('edge hosts: edge-2')
  })

  it('finishes a control plane of which one host was switched', () => {
    const site = nativeSite()
    const switched = convertedSite().facts.get('cp-2')
    if (switched) site.facts.set('cp-2', switched)
    expect(outline(convert(site))).toContain('kube-controller-manager: cp-1')
  })

  it.each([
    { verb: 'convert', from: nativeSite, masters: convertedSite, next: 'edge hosts: edge-1, edge-2' },
    {
      verb: 'revert',
      from: convertedSite,
      masters: nativeSite,
      next: 'OpenYurt components: delete, wait-pods-gone',
    },
  ])(
    'a $verb that was cut off before the wait for a leader waits for it',
    ({ verb, from, masters, next }) => {
      const cutOff = (flag = ''): string[] => {
        const site = from()
        for (const name of ['cp-1', 'cp-2']) {
          const facts = masters().facts.get(name) ?? nativeFacts()
          const { controllerManager } = facts.files
          const content = controllerManager.content?.replace('--leader-elect=true', flag)
          const edited = flag === '' ? controllerManager : { ...controllerManager, content: content ?? '' }
          site.facts.set(name, { ...facts, files: { ...facts.files, controllerManager: edited } })
        }
        const plan = verb === 'convert' ? convert(site) : revert(site)
        for (const step of steps(plan, 'kube-controller-manager leader'))
          expect(step).not.toHaveProperty('before')
        return outline(plan)
      }
      const lines = cutOff()
      expect(lines.filter((line) => line.startsWith('kube-controller-manager: '))).toEqual([])
      expect(lines[lines.indexOf(next) - 1]).toBe('kube-controller-manager leader: wait-leader')
      expect(cutOff('--leader-elect=false').join()).not.toContain('leader')
    },
  )

  it('labels cloud nodes that were not reached too', () => {
    const site = nativeSite()
    site.facts.delete('cloud-1')
    expect(metadata(steps(convert(site), 'label cloud nodes'))).toContain(`cloud-1: ${label}=false`)
  })
})

describe('reverting a cluster', () => {
  it('takes hosts off first, then switches the controllers, then removes the rest', () => {
    const plan = revert(convertedSite())
    expect(outline(plan)).toEqual([
      expect.stringMatching(/^hosts: .*edge-1, edge-2$/),
      'kube-controller-manager: cp-2, cp-1',
      'kube-controller-manager leader: wait-leader',
      'OpenYurt components: delete, wait-pods-gone',
      'cloud labels: label',
      'leftovers: cp-1, cp-2, cloud-1, edge-1, edge-2',
    ])
    expect(plan.phases[0]).toMatchObject({ order: 'parallel', onFailure: 'finish-phase' })
    expect(plan.notes).toEqual([])
    expect(metadata(workOf(plan, 'edge-1')[0]?.after ?? [])).toEqual([
      `edge-1: ${label}=null`,
      `edge-1: ${autonomy}=null`,
    ])
    expect(workOf(plan, 'edge-1').map(({ forget }) => forget)).toEqual([false, true])
  })

  it('deletes what conversion applied, the other way round, and nothing of others', () => {
    const site = convertedSite({ ...options, deployTunnel: true })
    const applied = Object.values(site.cluster.objects ?? {})
    const [stranger] = applied
    if (stranger) stranger.metadata.labels = {}
    const deleted = steps(revert(site), 'OpenYurt components').flatMap((step) =>
      step.kind === 'delete' ? [`${step.ref.kind} ${step.ref.name}`] : [],
    )
    const expected = applied.slice(1).map((object) => `${object?.kind} ${object?.metadata.name}`)
    expect(deleted).toEqual(expected.toReversed())
  })

  it('plans nothing on a native cluster', () => {
    expect(revert(nativeSite())).toMatchObject({ phases: [], notes: [] })
  })

  it('keeps the cluster part while a host is left out by --limit, and forgets the hosts that are done', () => {
    const plan = revert(convertedSite(), options, new Set(['edge-1']))
    expect(outline(plan)).toEqual(['hosts: edge-1'])
    expect(workOf(plan, 'edge-1')[0]?.forget).toBe(true)
    expect(plan.notes).toEqual([expect.stringContaining('edge-2')])
  })

  it('does the cluster part with the last converted host', () => {
    const site = convertedSite()
    for (const name of ['edge-2', 'cloud-1']) site.facts.set(name, nativeFacts({ hostname: name }))
    expect(outline(revert(site, options, new Set(['edge-1'])))).toHaveLength(6)
  })

  it.each([
    { leaveBehind: [], phases: 1, notes: [/waits until .*edge-2/] },
    { leaveBehind: ['edge-2'], phases: 6, notes: [/left behind: edge-2.*evicts the pods/] },
  ])('with an unreachable host, left behind: $leaveBehind', ({ leaveBehind, phases, notes }) => {
    const site = convertedSite()
    site.facts.delete('edge-2')
    const plan = revert(site, { ...options, leaveBehind })
    expect(plan.phases).toHaveLength(phases)
    expect(plan.notes).toEqual(notes.map((note) => expect.stringMatching(note)))
    expect(workOf(plan, 'edge-2')).toEqual([])
  })

  it('names the pods that lose the API with the hub', () => {
    const site = convertedSite()
    const facts = site.facts.get('edge-1') ?? nativeFacts()
    site.facts.set('edge-1', { ...facts, pods: [{ uid: 'u1', serviceHost: '169.254.2.1' }] })
    site.belongings = {
      podNames: new Map([['u1', 'default/shop']]),
      customObjects: [],
      lastingTokens: [],
      lonePods: new Map(),
    }
    expect(workOf(revert(site), 'edge-1')[0]?.notes).toEqual([
      'default/shop looks for the API server at the hub and will lose it: restart with --restart-pods',
    ])
    const [work] = workOf(revert(site, { ...options, restartPods: true }), 'edge-1')
    expect(work?.notes).toEqual(['default/shop looks for the API server at the hub and will be restarted'])
    expect(work?.transaction?.cleanup.at(-1)).toMatchObject({ kind: 'restart-pods', uids: ['u1'] })
  })
})

describe('what an earlier revert did not come to', () => {
  const given = { ...options, deployTunnel: true }
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'yurt-tunnel-nodes' }
  const { apiVersion, kind, namespace, name } = ref
  const left = { [refKey(ref)]: { apiVersion, kind, metadata: { namespace, name } } }
  const tunnel = 'k8s-app=yurt-tunnel-server'
  const without = (site: Site, pods?: 'ending' | 'running'): Site => {
    if (pods !== undefined)
      site.belongings = {
        podNames: new Map(),
        customObjects: [],
        lastingTokens: [],
        lonePods: new Map([[tunnel, pods]]),
      }
    return site
  }
  const found = (site: Site): string[] =>
    steps(revert(site, given), 'OpenYurt components').map((step) =>
      step.kind === 'delete' ? `${step.ref.kind} ${step.ref.name}` : step.kind,
    )

  it('is found without the component that made it', () => {
    const site = nativeSite()
    site.cluster = { objects: left }
    expect(found(site)).toEqual(['wait-pods-gone', 'ConfigMap yurt-tunnel-nodes'])
  })

  it('is waited for, and taken away whatever its pods write again until they are gone', () => {
    expect(found(without(nativeSite(), 'ending'))).toEqual([
      'wait-pods-gone',
      'ConfigMap yurt-tunnel-nodes',
      'Lease tunnel-dns-controller',
    ])
  })

  it("is somebody else's where their component runs, or stands", () => {
    const site = without(nativeSite(), 'running')
    site.cluster = { objects: left }
    expect(found(site)).toEqual([])
    const foreign = convertedSite(given)
    for (const object of Object.values(foreign.cluster.objects ?? {}))
      if (object?.metadata.name.includes('tunnel')) object.metadata.labels = {}
    foreign.cluster.objects = { ...foreign.cluster.objects, ...left }
    expect(found(foreign).join()).not.toContain('yurt-tunnel-nodes')
  })

  it('of the tunnel on a host: our folder stays as long as it proves whose that is', () => {
    const site = convertedSite()
    const facts = site.facts.get('edge-1') ?? nativeFacts()
    site.facts.set('edge-1', { ...facts, tunnelDirectories: ['/var/lib/yurttunnel-agent'] })
    const [work] = workOf(revert(site, options, new Set(['edge-1'])), 'edge-1')
    expect([work?.transaction?.kind, work?.forget]).toEqual(['hub', false])
  })
})

describe('a converted host whose node was deleted', () => {
  const site = (): Site => {
    const found = convertedSite()
    found.nodes = found.nodes.filter(({ name }) => name !== 'edge-2')
    return found
  }

  it('is taken off its hub as any other, without a word to the API about it', () => {
    const plan = revert(site(), options, new Set(['edge-2']))
    expect(outline(plan)).toEqual(['hosts: edge-2'])
    const [work] = workOf(plan, 'edge-2')
    expect(work?.notes).toContainEqual(expect.stringContaining('no node edge-2 any more'))
    expect([work?.after, work?.confirm, work?.forget]).toEqual([[], undefined, true])
  })

  it('holds nobody up, and may be left behind', () => {
    expect(outline(revert(site())).map((line) => line.split(':')[0])).toContain('leftovers')
    const behind = { ...options, leaveBehind: ['edge-2'] }
    expect(workOf(revert(site(), behind), 'edge-2')).toEqual([])
    const failed = preflightRevert(fleetOf(site()), all(site()), behind).filter(
      ({ status }) => status === 'failed',
    )
    expect(failed).toEqual([])
  })
})

describe('a revert that is half done', () => {
  const half = (site: Site, last?: 'unfinished' | 'done') => halfReverted(fleetOf(site), last, options)
  const reverted = (): Site => {
    const site = convertedSite()
    for (const name of ['edge-1', 'cloud-1']) site.facts.set(name, nativeFacts({ hostname: name }))
    site.facts.delete('edge-2')
    return site
  }

  it('waits for hosts that were not reached', () => {
    expect(half(reverted(), 'unfinished')).toEqual({ waitsFor: ['edge-2'] })
    expect(half(reverted(), 'done')).toEqual({ waitsFor: ['edge-2'] })
    const note = revert(reverted()).notes
    expect(note).toEqual([
      expect.stringMatching(/waits until .*edge-2; without them: revert --leave-behind edge-2$/),
    ])
  })

  it('is told by a journal that outlived its hub, from whatever machine', () => {
    const site = reverted()
    const journal = {
      id: 'r-hub',
      verb: 'revert',
      result: 'committed',
      writes: [],
      directories: [],
      trees: [],
      intact: true,
    } satisfies JournalFacts
    const state = { format: '1', journals: [journal] }
    site.facts.set('edge-1', nativeFacts({ hostname: 'edge-1', state }))
    expect(half(site)).toEqual({ waitsFor: ['edge-2'] })
  })

  it('is none where nothing stands, nobody began one, or hosts were only taken out by --limit', () => {
    expect(half(nativeSite(), 'unfinished')).toBeUndefined()
    expect(half(reverted())).toBeUndefined()
    expect(half(convertedSite(), 'done')).toBeUndefined()
  })

  it('is no reason to wait where the cluster has nothing left', () => {
    const site = nativeSite()
    site.facts.delete('edge-2')
    expect(revert(site).notes).toEqual([expect.stringMatching(/left there is not known: edge-2$/)])
  })
})

describe('a revert is held up', () => {
  it.each([
    [
      'a converted node that the inventory lacks',
      (site: Site) => {
        site.hosts = site.hosts.filter(({ name }) => name !== 'edge-2')
      },
      'node edge-2, which the inventory lacks',
    ],
    [
      'a converted host under a wrong node name',
      (site: Site) => {
        site.hosts = site.hosts.map((host) => (host.name === 'edge-2' ? { ...host, node: 'edge-22' } : host))
      },
      'edge-2, node edge-2, which the inventory lacks',
    ],
  ] as const)('by %s', (_name, change, says) => {
    const site = convertedSite()
    change(site)
    const plan = revert(site)
    expect(outline(plan).map((line) => line.split(':')[0])).toEqual(['hosts'])
    expect(plan.notes).toEqual([expect.stringContaining(says)])
  })
})

describe('status', () => {
  it('tells converted, native, differing and unreachable hosts apart', () => {
    const site = convertedSite()
    const converted = site.facts.get('edge-2') ?? nativeFacts()
    const flags = file('flags', 'KUBELET_KUBEADM_ARGS="--v=2"\n')
    site.facts.set('edge-2', { ...converted, files: { ...converted.files, flags } })
    site.facts.set('edge-1', nativeFacts({ hostname: 'edge-1' }))
    site.facts.delete('cp-2')
    site.facts.delete('cloud-1')
    const plan = convert(site)
    const rows = hostStatuses(
      site.hosts,
      fleetOf(site),
      plan,
      new Map([
        ['cp-2', new YurtSshError('SSH_REFUSED', 'no route')],
        ['cloud-1', new YurtSshError('SSH_PASSWORD', 'it takes another')],
      ]),
      options,
    )
    expect(rows.map(({ host, state }) => `${host} ${state}`)).toEqual([
      'cp-1 control plane',
      'cp-2 unreachable',
      'cloud-1 unreachable',
      'edge-1 native',
      'edge-2 differs',
    ])
    expect(rows[1]).toMatchObject({ differs: ['no route'], code: 'SSH_REFUSED' })
    expect(refusedPassword(rows)).toEqual(['cloud-1'])
  })

  it('names what is left to do on a host, not what will be true then', () => {
    const site = convertedSite()
    site.nodes = site.nodes.map((node) => (node.name === 'edge-2' ? nodeNamed('edge-2') : node))
    const rows = hostStatuses(site.hosts, fleetOf(site), convert(site), new Map(), options)
    expect(rows.find(({ host }) => host === 'edge-2')?.differs).toEqual([
      'left to do: label openyurt.io/is-edge-worker=true',
      'left to do: annotation node.beta.openyurt.io/autonomy=true',
    ])
  })
})
