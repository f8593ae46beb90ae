import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/cluster/types.js'
import { refKey, refOf } from '../../src/cluster/types.js'
import { planConvert } from '../../src/plan/convert.js'
import { planRevert } from '../../src/plan/revert.js'
import { changesSince, narrowedTo, storedForm } from '../../src/plan/stored.js'
import type { Plan } from '../../src/plan/types.js'
import {
  convertedFacts,
  file,
  hostNamed,
  nativeFacts,
  nodeNamed,
  options,
  release,
} from '../support/facts.js'
import { all, convertedSite, fleetOf, nativeSite, type Site } from '../support/fleet.js'

const convert = (site: Site): Plan => planConvert(fleetOf(site), all(site), options)
const revert = (site: Site): Plan => planRevert(fleetOf(site), all(site), options)
const stored = (plan: Plan): Plan => JSON.parse(JSON.stringify(storedForm(plan))) as Plan
const hostsOf = (plan: Plan): string[] =>
  plan.phases.flatMap((phase) => (phase.kind === 'hosts' ? phase.work.map(({ host }) => host) : []))

function factsOf(site: Site, name: string) {
  const facts = site.facts.get(name)
  if (facts === undefined) throw new Error(`no ${name}`)
  return facts
}

function changeFile(site: Site, name: string, key: 'flags' | 'controllerManager', line: string): void {
  const facts = factsOf(site, name)
  const content = `${line}\n${facts.files[key].content ?? ''}`
  site.facts.set(name, { ...facts, files: { ...facts.files, [key]: file(key, content) } })
}

interface Case {
  name: string
  since: (site: Site) => void
  cluster?: string[]
  hosts?: string[]
  /** Hosts that are worked all the same; all five of the plan unless said. */
  worked?: string[]
}

const five = ['cp-2', 'cp-1', 'edge-1', 'edge-2', 'cloud-1']

const cases: Case[] = [
  { name: 'nothing', since: () => {} },
  {
    name: 'heartbeats and pods',
    since(site) {
      site.nodes = site.nodes.map((node) => ({ ...node, heartbeat: '2026-02-02T03:04:05Z' }))
    },
  },
  {
    name: 'who leads: the order of today counts',
    since(site) {
      site.cluster = { kcmLeader: 'cp-2_77aa' }
    },
    worked: ['cp-1', 'cp-2', 'edge-1', 'edge-2', 'cloud-1'],
  },
  {
    name: 'a file of a host',
    since: (site) => changeFile(site, 'edge-1', 'flags', '# by hand'),
    hosts: ['edge-1'],
  },
  {
    name: 'its mode',
    since(site) {
      const facts = factsOf(site, 'edge-2')
      const flags = { ...facts.files.flags, mode: '0600' }
      site.facts.set('edge-2', { ...facts, files: { ...facts.files, flags } })
    },
    hosts: ['edge-2'],
  },
  {
    name: "an annotation of a host's node",
    since(site) {
      site.nodes = site.nodes.map((node) =>
        node.name === 'edge-1' ? { ...node, annotations: { [release.autonomyAnnotation]: 'false' } } : node,
      )
    },
    hosts: ['edge-1'],
  },
  {
    name: 'a manifest of the control plane',
    since: (site) => changeFile(site, 'cp-2', 'controllerManager', '# by hand'),
    cluster: ['kube-controller-manager on cp-2'],
  },
  {
    name: 'a host that was converted meanwhile is done',
    since(site) {
      const host = site.hosts.find(({ name }) => name === 'edge-1') ?? hostNamed('edge-1')
      site.facts.set('edge-1', convertedFacts(host, factsOf(site, 'edge-1'), options))
      site.nodes = site.nodes.map((node) =>
        node.name === 'edge-1'
          ? {
              ...node,
              labels: { [release.edgeWorkerLabel]: 'true' },
              annotations: { [release.autonomyAnnotation]: 'true' },
            }
          : node,
      )
    },
    worked: ['cp-2', 'cp-1', 'edge-2', 'cloud-1'],
  },
  {
    name: 'one that lacks nothing but its label is finished',
    since(site) {
      const host = site.hosts.find(({ name }) => name === 'edge-1') ?? hostNamed('edge-1')
      site.facts.set('edge-1', convertedFacts(host, factsOf(site, 'edge-1'), options))
    },
  },
  {
    name: 'a host that is new is not worked',
    since(site) {
      site.hosts.push(hostNamed('edge-3'))
      site.nodes.push(nodeNamed('edge-3'))
      site.facts.set('edge-3', nativeFacts({ hostname: 'edge-3' }))
    },
  },
  {
    name: 'a label of a cloud node was set as planned',
    since(site) {
      site.nodes = site.nodes.map((node) =>
        node.name === 'cloud-1' ? { ...node, labels: { [release.edgeWorkerLabel]: 'false' } } : node,
      )
    },
  },
  {
    name: 'a label of a cloud node was set to something else',
    since(site) {
      site.nodes = site.nodes.map((node) =>
        node.name === 'cloud-1' ? { ...node, labels: { [release.edgeWorkerLabel]: 'true' } } : node,
      )
    },
    cluster: ['label cloud nodes'],
  },
  {
    name: 'an object that was to be created is there, and other',
    since(site) {
      const step = objectsOf(convert(site))[0]
      if (step === undefined) throw new Error('no object')
      const live = { ...step, metadata: { ...step.metadata, labels: { a: 'b' } } }
      site.cluster = { objects: { [refKey(refOf(live))]: live } }
    },
    cluster: ['OpenYurt components'],
  },
]

function objectsOf(plan: Plan): KubeObject[] {
  return plan.phases.flatMap((phase) =>
    phase.kind === 'cluster'
      ? phase.steps.flatMap((step) => (step.kind === 'apply' ? [step.object] : []))
      : [],
  )
}

describe('what has changed since a plan was stored', () => {
  it.each(cases)('$name', ({ since, cluster = [], hosts = [], worked = five }) => {
    const plan = stored(convert(nativeSite()))
    const site = nativeSite()
    since(site)
    const now = convert(site)
    expect(changesSince(plan, now)).toEqual({ cluster, hosts })
    expect(hostsOf(narrowedTo(plan, now))).toEqual(worked)
  })

  it('a control-plane host that needs work only now', () => {
    const plan = stored(convert(nativeSite()))
    const without = {
      ...plan,
      phases: plan.phases.filter(({ title }) => title !== 'kube-controller-manager'),
    }
    expect(changesSince(without, convert(nativeSite())).cluster).toEqual([
      'kube-controller-manager on cp-2',
      'kube-controller-manager on cp-1',
    ])
  })

  it('a step that somebody put into the stored plan is nothing that would be run', () => {
    const plan = stored(convert(nativeSite()))
    for (const phase of plan.phases) {
      if (phase.kind !== 'hosts') continue
      for (const { transaction } of phase.work)
        for (const step of transaction?.steps ?? [])
          if (step.kind === 'write-file') step.content = '#!/bin/sh\n'
    }
    const now = convert(nativeSite())
    expect(changesSince(plan, now).hosts).toEqual(['edge-1', 'edge-2', 'cloud-1'])
    expect(JSON.stringify(narrowedTo(plan, now))).not.toContain('#!/bin/sh')
  })
})

describe('a stored revert', () => {
  const live = (site: Site, change: (object: KubeObject) => KubeObject): Site => ({
    ...site,
    cluster: {
      objects: Object.fromEntries(
        Object.entries(site.cluster.objects ?? {}).map(([key, object]) => [
          key,
          object === null ? null : change(object),
        ]),
      ),
    },
  })

  it('is the same although the server wrote into its objects', () => {
    const plan = stored(revert(convertedSite()))
    const touched = live(convertedSite(), (object) => ({
      ...object,
      metadata: { ...object.metadata, resourceVersion: '9999' },
      status: { observedGeneration: 3 },
    }))
    expect(changesSince(plan, revert(touched))).toEqual({ cluster: [], hosts: [] })
  })

  it('does not forget a host that it did not forget', () => {
    const plan = stored(revert(convertedSite()))
    for (const phase of plan.phases)
      if (phase.kind === 'hosts') for (const work of phase.work) work.forget = false
    expect(changesSince(plan, revert(convertedSite())).hosts).toEqual(
      convertedSite().hosts.map(({ name }) => name),
    )
  })

  it('is another when somebody changed an object that it deletes', () => {
    const plan = stored(revert(convertedSite()))
    const touched = live(convertedSite(), (object) =>
      object.kind === 'ConfigMap' ? { ...object, data: { mine: 'x' } } : object,
    )
    expect(changesSince(plan, revert(touched)).cluster).toEqual(['OpenYurt components'])
  })

  it('holds no secret', () => {
    const site = convertedSite({ ...options, joinToken: true })
    const secret = live(site, (object) =>
      object.kind === 'ConfigMap'
        ? { ...object, kind: 'Secret', data: { key: 'c2VjcmV0' }, note: 'abcdef.0123456789abcdef' }
        : object,
    )
    const plan = revert(secret)
    expect(JSON.stringify(plan)).toContain('c2VjcmV0')
    expect(JSON.stringify(storedForm(plan))).not.toMatch(/c2VjcmV0|0123456789abcdef|\{\{token/)
  })
})
