import { expect, it } from 'vitest'
import type { HostFacts } from '../../src/node/types.js'
import { planConvert } from '../../src/plan/convert.js'
import { drift } from '../../src/plan/drift.js'
import { hostStatuses } from '../../src/plan/status.js'
import type { HostStep } from '../../src/plan/types.js'
import { absent, file, masterFacts, options } from '../support/facts.js'
import { all, convertedSite, fleetOf, type Site } from '../support/fleet.js'
import { yurtctlHub } from '../support/yurtctl.js'

const kubeadmFlags =
  'KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.4.1"\n'

/** Flags as kubeadm sorts them, ours among them. */
const sorted =
  'KUBELET_KUBEADM_ARGS="--bootstrap-kubeconfig= --kubeconfig=/var/lib/openyurt/kubelet.conf --network-plugin=cni"\n'

function changed(site: Site, host: string, files: Partial<HostFacts['files']>): void {
  const facts = site.facts.get(host)
  if (facts !== undefined) site.facts.set(host, { ...facts, files: { ...facts.files, ...files } })
}

function planned(site: Site): string[] {
  const { phases } = planConvert(fleetOf(site), all(site), options)
  const steps = phases.flatMap((phase): [string, HostStep[]][] =>
    phase.kind === 'hosts' ? phase.work.map((work) => [work.host, work.transaction?.steps ?? []]) : [],
  )
  return steps.flatMap(([host, list]) =>
    list.flatMap((step) => (step.kind === 'write-file' ? [`${host} ${step.path}`] : [])),
  )
}

const cases: [string, string, Partial<HostFacts['files']>, RegExp[], string[]][] = [
  ['nothing', 'edge-1', {}, [], []],
  [
    'kubeadm upgrade wrote the flags file anew',
    'edge-1',
    { flags: file('flags', kubeadmFlags) },
    [/kubeadm-flags\.env was rewritten.*our flags are gone/],
    ['edge-1 /var/lib/kubelet/kubeadm-flags.env'],
  ],
  ['a flags file sorted anew, ours still in force', 'edge-1', { flags: file('flags', sorted) }, [], []],
  [
    'kubeadm upgrade wrote kube-controller-manager anew',
    'cp-2',
    { controllerManager: masterFacts().files.controllerManager },
    [/kube-controller-manager\.yaml was rewritten.*lifecycle is on again/],
    ['cp-2 /etc/kubernetes/manifests/kube-controller-manager.yaml'],
  ],
  [
    "somebody removed the hub's manifest",
    'edge-1',
    { hubManifest: absent('hubManifest') },
    [/yurt-hub\.yaml is gone/],
    ['edge-1 /etc/kubernetes/manifests/yurt-hub.yaml'],
  ],
  [
    'and the state of the hub',
    'edge-1',
    {
      hubManifest: absent('hubManifest'),
      hubRoot: absent('hubRoot'),
      hubCa: absent('hubCa'),
      hubBootstrap: absent('hubBootstrap'),
    },
    [/yurt-hub\.yaml is gone/],
    [
      'edge-1 /var/lib/yurthub/pki/ca.crt',
      'edge-1 /var/lib/yurthub/bootstrap-hub.conf',
      'edge-1 /etc/kubernetes/manifests/yurt-hub.yaml',
    ],
  ],
]

it.each(cases)('%s: status says so, convert repairs exactly that', (_name, host, files, says, writes) => {
  const site = convertedSite()
  changed(site, host, files)
  const fleet = fleetOf(site)
  const member = fleet.members.find((found) => found.host.name === host)
  expect(member && drift(member.facts, options.release)).toEqual(
    says.map((line) => expect.stringMatching(line)),
  )
  expect(planned(site)).toEqual(writes)
  const plan = planConvert(fleet, all(site), options)
  const row = hostStatuses(site.hosts, fleet, plan, new Map(), options).find((found) => found.host === host)
  expect(row?.state === 'differs').toBe(says.length > 0)
  for (const line of says) expect(row?.differs[0]).toMatch(line)
})

it('a host of yurtctl is foreign', () => {
  const site = convertedSite()
  const facts = site.facts.get('edge-1')
  if (facts === undefined) throw new Error('no edge-1')
  const files = { ...facts.files, hubManifest: file('hubManifest', yurtctlHub) }
  site.facts.set('edge-1', { ...facts, files, state: { ...facts.state, journals: [] } })
  const fleet = fleetOf(site)
  const rows = hostStatuses(site.hosts, fleet, planConvert(fleet, all(site), options), new Map(), options)
  expect(rows.find(({ host }) => host === 'edge-1')).toMatchObject({
    state: 'foreign',
    differs: ['converted by yurtctl v0.6: revert --adopt takes that out'],
  })
})
