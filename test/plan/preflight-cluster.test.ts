import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ClusterFacts, NodeInfo } from '../../src/cluster/types.js'
import type { Host } from '../../src/inventory/types.js'
import { type Check, ignoreChecks } from '../../src/plan/checks.js'
import { wantedComponents } from '../../src/plan/convert.js'
import type { PlanOptions } from '../../src/plan/options.js'
import { preflightCluster } from '../../src/plan/preflight-cluster.js'
import { preflightRevert } from '../../src/plan/preflight-revert.js'
import {
  absent,
  file,
  link,
  liveObjects,
  masterFacts,
  nativeFacts,
  options,
  switchedMasterFacts,
} from '../support/facts.js'
import { all, convertedSite, fleetOf, nativeSite, type Site } from '../support/fleet.js'

interface Case {
  check: string
  cluster?: Partial<ClusterFacts>
  nodes?: Record<string, Partial<NodeInfo>>
  hosts?: Record<string, Partial<Host> | null | 'unreached'>
  facts?: Record<string, 'link'>
  foreign?: true
  options?: Partial<PlanOptions>
  /** Checks that fail for the same reason. */
  extra?: string[]
  says: string
  mandatory?: true
}

const cases = parse(
  readFileSync(new URL('../cases/plan/preflight-cluster.yaml', import.meta.url), 'utf8'),
) as Case[]

function small(): Site {
  const site = nativeSite()
  const keeps = ({ name }: { name: string }) => ['cp-1', 'cloud-1', 'edge-1'].includes(name)
  return { ...site, hosts: site.hosts.filter(keeps), nodes: site.nodes.filter(keeps) }
}

function changed(given: Case): Site {
  const site = small()
  site.cluster = given.cluster ?? {}
  site.nodes = site.nodes.map((node) => ({ ...node, ...given.nodes?.[node.name] }))
  site.hosts = site.hosts.flatMap((host) => {
    const change = given.hosts?.[host.name]
    if (change === 'unreached') site.facts.delete(host.name)
    return change === null ? [] : [{ ...host, ...(change === 'unreached' ? {} : change) }]
  })
  for (const name of Object.keys(given.facts ?? {}))
    site.facts.set(
      name,
      masterFacts({ hostname: name, files: { controllerManager: link('controllerManager') } }),
    )
  if (given.foreign) {
    const [object] = wantedComponents(fleetOf(site), options).flatMap(({ objects }) =>
      objects.filter(({ kind }) => kind === 'Deployment'),
    )
    if (object === undefined) throw new Error('no Deployment')
    site.cluster = { objects: liveObjects([{ ...object, metadata: { ...object.metadata, labels: {} } }]) }
  }
  return site
}

function preflight(site: Site, given: PlanOptions = options, selected = all(site)): Check[] {
  const fleet = fleetOf(site)
  return preflightCluster(site.hosts, selected, fleet, wantedComponents(fleet, given), given)
}

const notOk = (checks: readonly Check[]): Check[] => checks.filter(({ status }) => status !== 'ok')

it('a native and a converted cluster pass', () => {
  expect(notOk(preflight(nativeSite()))).toEqual([])
  expect(notOk(preflight(convertedSite()))).toEqual([])
})

it.each(cases)('$check: $says', (given) => {
  const found = notOk(preflight(changed(given), { ...options, ...given.options }))
  expect(found.map(({ name }) => name).sort()).toEqual([given.check, ...(given.extra ?? [])].sort())
  const check = found.find(({ name }) => name === given.check)
  expect(check).toMatchObject({ status: 'failed', message: expect.stringContaining(given.says) })
  expect(check?.host).toBeUndefined()
  expect(check?.mandatory).toBe(given.mandatory)
})

it('a node that --limit leaves out need not be Ready, one of the control plane must', () => {
  const site = small()
  site.nodes = site.nodes.map((node) => ({ ...node, ready: node.name === 'cloud-1' ? 'True' : 'False' }))
  const selected = new Set(['cloud-1'])
  expect(notOk(preflight(site, options, selected)).map(({ message }) => message)).toEqual(['not Ready: cp-1'])
})

interface RevertCase {
  name: string
  change: (site: Site) => Partial<PlanOptions> | undefined
  says: string
}

const revertCases: RevertCase[] = [
  { name: 'LeaveBehind', change: () => ({ leaveBehind: ['edge-9'] }), says: 'edge-9' },
  { name: 'LeaveBehind', change: () => ({ leaveBehind: ['cp-1'] }), says: 'in the control plane: cp-1' },
  {
    name: 'CustomObjects',
    change(site) {
      site.belongings = {
        podNames: new Map(),
        customObjects: ['NodePool beijing'],
        lastingTokens: [],
        lonePods: new Map(),
      }
      return undefined
    },
    says: 'NodePool beijing',
  },
  {
    name: 'LifecycleOwner',
    change(site) {
      const { files } = switchedMasterFacts()
      site.facts.set(
        'cp-2',
        masterFacts({ hostname: 'cp-2', files: { controllerManager: files.controllerManager } }),
      )
      return undefined
    },
    says: 'off on cp-2, and not by an edit of ours',
  },
  {
    name: 'ControlPlane',
    change(site) {
      site.hosts = site.hosts.filter(({ name }) => name !== 'cp-2')
      return undefined
    },
    says: 'that no host is: cp-2',
  },
  {
    name: 'ForeignHub',
    change(site) {
      const hubManifest = file('hubManifest', 'kind: Pod\n')
      site.facts.set('edge-1', nativeFacts({ hostname: 'edge-1', files: { hubManifest } }))
      return undefined
    },
    says: 'somebody else converted it',
  },
  {
    name: 'JoinedNode',
    change(site) {
      const joinedHubManifest = file('joinedHubManifest', 'kind: Pod\n')
      site.facts.set('edge-1', nativeFacts({ hostname: 'edge-1', files: { joinedHubManifest } }))
      return undefined
    },
    says: 'joined by yurtctl',
  },
]

const everyHost = (site: { hosts: { name: string }[] }): Set<string> =>
  new Set(site.hosts.map(({ name }) => name))

it.each(revertCases)('before a revert, $name: $says', ({ name, change, says }) => {
  const site = convertedSite()
  const given = { ...options, ...change(site) }
  expect(notOk(preflightRevert(fleetOf(site), everyHost(site), given))).toEqual([
    expect.objectContaining({ name, status: 'failed', message: expect.stringContaining(says) }),
  ])
})

it('no flag goes on without an owner of the node lifecycle', () => {
  const site = convertedSite()
  site.hosts = site.hosts.filter(({ name }) => name !== 'cp-2')
  const checks = ignoreChecks(preflightRevert(fleetOf(site), everyHost(site), options), ['all'])
  expect(checks.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual(['ControlPlane'])
})

it('a converted cluster may be reverted, a native one too, and an unreachable worker left behind', () => {
  for (const site of [convertedSite(), nativeSite()]) {
    site.facts.delete('edge-2')
    expect(
      notOk(preflightRevert(fleetOf(site), everyHost(site), { ...options, leaveBehind: ['edge-2'] })),
    ).toEqual([])
  }
})

it('a host that --limit leaves out need be no node; one that is chosen must', () => {
  const site = convertedSite()
  site.nodes = site.nodes.filter(({ name }) => name !== 'edge-2')
  const others = new Set([...all(site)].filter((name) => name !== 'edge-2'))
  expect(notOk(preflight(site, options, others))).toEqual([])
  expect(notOk(preflight(site))).toEqual([
    expect.objectContaining({ name: 'HostsInCluster', hint: expect.stringContaining("--limit '!edge-2'") }),
  ])
})

it('a node that is not Ready since its hub lost the manifest is mended by the run that puts it back', () => {
  const site = convertedSite()
  site.nodes = site.nodes.map((node) => (node.name === 'edge-2' ? { ...node, ready: 'Unknown' } : node))
  expect(notOk(preflight(site)).map(({ name }) => name)).toEqual(['NodesReady'])
  const facts = site.facts.get('edge-2') ?? nativeFacts()
  const files = { ...facts.files, hubManifest: absent('hubManifest') }
  site.facts.set('edge-2', { ...facts, files })
  expect(notOk(preflight(site))).toEqual([])
})
