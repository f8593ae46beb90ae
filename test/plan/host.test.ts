import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { tokenPlaceholder } from '../../src/node/hub.js'
import { addRedirect } from '../../src/node/kubeadm-flags.js'
import type { FileKey, HostFacts } from '../../src/node/types.js'
import { planLifecycleOff, planLifecycleOn } from '../../src/plan/controller-manager.js'
import { hubTransaction, planHostConvert } from '../../src/plan/host-convert.js'
import { planHostRevert, planTunnelLeftovers } from '../../src/plan/host-revert.js'
import { hubManifestMatches } from '../../src/plan/hub-flavours/static-pod.js'
import type { PlanOptions } from '../../src/plan/options.js'
import type { HostStep } from '../../src/plan/types.js'
import {
  absent,
  convertedFacts,
  type FactChanges,
  file,
  folder,
  hostNamed,
  journal,
  masterFacts,
  nativeFacts,
  options,
  switchedMasterFacts,
  withJournal,
} from '../support/facts.js'

interface Case {
  name: string
  facts?: FactChanges
  files?: Partial<Record<FileKey, string>>
  absent?: FileKey[]
  options?: Partial<PlanOptions>
  converted?: true
  steps?: string[]
  first?: string
  token?: true
  'last-write'?: string
}

const cases = parse(
  readFileSync(new URL('../cases/plan/host-convert.yaml', import.meta.url), 'utf8'),
) as Case[]
const edge1 = hostNamed('edge-1')
const flagsPath = '/var/lib/kubelet/kubeadm-flags.env'
const brief = (steps: readonly HostStep[]): string[] =>
  steps.map((step) => ('path' in step ? `${step.kind} ${step.path}` : step.kind))

function factsOf({ facts = {}, files = {}, absent: gone = [], converted }: Case): HostFacts {
  const changed = {
    ...Object.fromEntries(Object.entries(files).map(([key, text]) => [key, file(key as FileKey, text)])),
    ...Object.fromEntries(gone.map((key) => [key, absent(key)])),
  }
  if (!converted) return nativeFacts({ ...facts, files: changed })
  const found = convertedFacts(edge1)
  return { ...found, kubelet: { ...found.kubelet, ...facts.kubelet }, files: { ...found.files, ...changed } }
}

describe('converting a host', () => {
  it.each(cases)('$name', (given) => {
    const steps = planHostConvert(edge1, factsOf(given), { ...options, ...given.options })
    if (given.steps !== undefined) expect(brief(steps)).toEqual(given.steps)
    if (given.first !== undefined) expect(steps[0]?.kind).toBe(given.first)
    const writes = steps.filter((step) => step.kind === 'write-file')
    expect(writes.some(({ content }) => content.includes(tokenPlaceholder))).toBe(given.token ?? false)
    if (given['last-write'] !== undefined) expect(writes.at(-1)?.content).toBe(given['last-write'])
  })

  it('keeps mode and owner of what it changes, and refuses other bytes than those planned from', () => {
    const before = file('flags', 'KUBELET_KUBEADM_ARGS=""\n', '0640')
    const facts = nativeFacts({ files: { flags: { ...before, uid: 7, gid: 8 } } })
    expect(planHostConvert(edge1, facts, options)).toContainEqual({
      kind: 'write-file',
      path: before.path,
      content: addRedirect(before.content, options.release.hub.kubeconfig),
      mode: '0640',
      uid: 7,
      gid: 8,
      before: before.sha256,
      beforeContent: before.content,
      reason: expect.any(String),
    })
  })

  it('keeps what may hold a secret from other users', () => {
    const modes = planHostConvert(edge1, nativeFacts(), options).flatMap((step) =>
      step.kind === 'write-file' && step.before === 'absent' ? [[step.path, step.mode]] : [],
    )
    expect(Object.fromEntries(modes)).toMatchObject({
      '/etc/kubernetes/manifests/yurt-hub.yaml': '0600',
      '/var/lib/yurthub/bootstrap-hub.conf': '0600',
    })
  })

  it('restarts pods that go past the hub where it is asked to', () => {
    const pods = [
      { uid: 'past', serviceHost: '10.96.0.1' },
      { uid: 'through', serviceHost: '169.254.2.1' },
    ]
    const cleanup = (restartPods: boolean) =>
      hubTransaction(edge1, nativeFacts({ pods }), { ...options, restartPods })?.cleanup
    expect(cleanup(false)).toEqual([])
    expect(cleanup(true)).toMatchObject([{ kind: 'restart-pods', uids: ['past'] }])
  })

  it('knows its hub again whatever its token, and no other', () => {
    const facts = convertedFacts(edge1, nativeFacts(), { ...options, joinToken: true })
    expect(hubManifestMatches(edge1, facts, options)).toBe(true)
    const others = [
      hostNamed('edge-1', { role: 'cloud' }),
      hostNamed('edge-1', { hubArgs: ['--v=4'] }),
      hostNamed('edge-1', { serverAddr: 'https://192.0.2.9:6443' }),
    ]
    for (const host of others) expect(hubManifestMatches(host, facts, options)).toBe(false)
    expect(hubManifestMatches(edge1, nativeFacts(), options)).toBe(false)
  })
})

describe('reverting a host', () => {
  it('plans nothing on a native one', () => {
    expect(planHostRevert(nativeFacts(), options)).toEqual({ notes: [] })
  })

  it('takes the kubelet off first, the hub down after the commit', () => {
    const { transaction, notes } = planHostRevert(convertedFacts(edge1), options)
    expect(notes).toEqual([])
    expect(brief(transaction?.steps ?? [])).toEqual([
      'undo-restarts-kubelet',
      'write-file /var/lib/kubelet/kubeadm-flags.env',
      'restart-kubelet',
    ])
    expect(brief(transaction?.cleanup ?? [])).toEqual([
      'remove-file /var/lib/openyurt/kubelet.conf',
      'remove-directory-if-empty /var/lib/openyurt',
      'remove-file /etc/kubernetes/manifests/yurt-hub.yaml',
      'wait-hub-gone',
      'clean-network',
      'remove-tree /var/lib/yurthub',
      'remove-tree /etc/kubernetes/cache',
    ])
    const native = nativeFacts().files.flags
    expect(transaction?.steps[1]).toMatchObject({ content: native.content, mode: native.mode })
  })

  it('removes a flags file that was not there before', () => {
    const facts = convertedFacts(edge1, nativeFacts({ files: { flags: absent('flags') } }))
    const [journal] = facts.state.journals
    const writes = journal?.writes.map((write) =>
      write.path.endsWith('.env')
        ? { number: 3, path: write.path, before: 'absent', after: write.after }
        : write,
    )
    const state = { ...facts.state, journals: [{ ...journal, writes }] } as HostFacts['state']
    const { transaction } = planHostRevert({ ...facts, state }, options)
    expect(brief(transaction?.steps ?? [])).toContain('remove-file /var/lib/kubelet/kubeadm-flags.env')
  })

  it.each([
    {
      name: 'changed since',
      change: (facts: HostFacts) => ({
        ...facts,
        files: {
          ...facts.files,
          flags: file('flags', addRedirect('KUBELET_KUBEADM_ARGS="--v=9"\n', options.release.hub.kubeconfig)),
        },
      }),
      content: 'KUBELET_KUBEADM_ARGS="--v=9"\n',
      notes: [`${flagsPath}: changed since it was converted; only our own change is taken out`],
    },
    {
      name: 'without its backup',
      change: (facts: HostFacts) => ({
        ...facts,
        state: {
          ...facts.state,
          journals: facts.state.journals.map((journal) => ({
            ...journal,
            writes: journal.writes.map(({ backup: _gone, ...write }) => write),
          })),
        },
      }),
      content: nativeFacts().files.flags.content,
      notes: [`${flagsPath}: its backup is gone or damaged; only our own change is taken out`],
    },
    {
      name: 'without any journal',
      change: (facts: HostFacts) => ({ ...facts, state: { ...facts.state, journals: [] } }),
      content: nativeFacts().files.flags.content,
      notes: [
        'it has no journal of its conversion: what is recognisably ours is taken out, nothing is guessed',
        `${flagsPath}: its backup is gone or damaged; only our own change is taken out`,
      ],
    },
    {
      name: 'with a damaged journal',
      change: (facts: HostFacts) => ({
        ...facts,
        state: {
          ...facts.state,
          journals: facts.state.journals.map((journal) => ({
            ...journal,
            intact: false,
            writes: [],
            trees: [],
            directories: [],
          })),
        },
      }),
      content: nativeFacts().files.flags.content,
      notes: [
        'the journal of run1-hub is damaged: what is recognisably ours is taken out, nothing is guessed',
        `${flagsPath}: its backup is gone or damaged; only our own change is taken out`,
      ],
    },
  ])('takes only our change out of a flags file $name, and says so', ({ change, content, notes: said }) => {
    const { transaction, notes } = planHostRevert(change(convertedFacts(edge1)), options)
    expect(notes).toEqual(said)
    expect(transaction?.steps[1]).toMatchObject({ kind: 'write-file', content })
    expect(brief(transaction?.cleanup ?? [])).toContain('remove-tree /var/lib/yurthub')
  })

  it('does what is left after a revert that stopped in its clean-up', () => {
    const { files, ...rest } = convertedFacts(edge1)
    const left = { ...nativeFacts().files, hubRoot: files.hubRoot }
    const kubelet = nativeFacts().kubelet
    const { transaction } = planHostRevert(
      { ...rest, kubelet, hubHealth: '000', hubRules: 0, files: left },
      options,
    )
    expect(transaction?.steps).toEqual([])
    expect(brief(transaction?.cleanup ?? [])).toEqual(['remove-tree /var/lib/yurthub'])
  })

  it('keeps a dummy interface that was there before the hub', () => {
    const facts = convertedFacts(edge1)
    const journals = facts.state.journals.map((journal) => ({ ...journal, hubInterface: 'keep' as const }))
    const { transaction } = planHostRevert({ ...facts, state: { ...facts.state, journals } }, options)
    expect(transaction?.cleanup).toContainEqual(
      expect.objectContaining({ kind: 'clean-network', hubInterface: 'keep' }),
    )
  })

  it('touches nothing of a hub that is not ours', () => {
    const left = nativeFacts({
      hubRules: 4,
      files: { hubRoot: folder('hubRoot'), hubCache: folder('hubCache') },
    })
    expect(planHostRevert(left, options).transaction).toBeUndefined()
  })

  it('keeps folders that were there before us', () => {
    const facts = convertedFacts(edge1, nativeFacts(), options)
    const journals = facts.state.journals.map((one) => ({
      ...one,
      directories: [],
      trees: ['/var/lib/yurthub'],
    }))
    const { transaction } = planHostRevert({ ...facts, state: { ...facts.state, journals } }, options)
    const cleanup = brief(transaction?.cleanup ?? [])
    expect(cleanup).toContain('remove-tree /var/lib/yurthub')
    expect(cleanup).not.toContain('remove-tree /etc/kubernetes/cache')
    expect(cleanup).not.toContain('remove-directory-if-empty /var/lib/openyurt')
  })

  it("takes our flags out behind somebody's own, and leaves somebody's empty flag alone", () => {
    const facts = convertedFacts(edge1, nativeFacts(), options)
    const flags = file(
      'flags',
      'KUBELET_KUBEADM_ARGS="--kubeconfig=/var/lib/openyurt/kubelet.conf --bootstrap-kubeconfig= --kubeconfig=/mine"\n',
    )
    const { transaction } = planHostRevert({ ...facts, files: { ...facts.files, flags } }, options)
    expect(transaction?.steps[1]).toMatchObject({ content: 'KUBELET_KUBEADM_ARGS="--kubeconfig=/mine"\n' })
    const empty = file('flags', 'KUBELET_KUBEADM_ARGS="--bootstrap-kubeconfig="\n')
    expect(planHostRevert(nativeFacts({ files: { flags: empty } }), options).transaction).toBeUndefined()
  })

  it('keeps a mode that was changed since, and says so', () => {
    const facts = convertedFacts(edge1, nativeFacts(), options)
    const flags = { ...facts.files.flags, mode: '0600' }
    const { transaction, notes } = planHostRevert({ ...facts, files: { ...facts.files, flags } }, options)
    expect(transaction?.steps[1]).toMatchObject({ mode: '0600' })
    expect(notes).toEqual([expect.stringContaining('its mode or owner was changed')])
  })

  it('does without a kubelet.conf that cannot be read', () => {
    const facts = convertedFacts(edge1, nativeFacts(), options)
    const kubeconfig = file('kubeconfig', '')
    const { transaction } = planHostRevert({ ...facts, files: { ...facts.files, kubeconfig } }, options)
    expect(transaction?.steps.at(-1)).toMatchObject({ kind: 'restart-kubelet', server: '' })
  })

  it('visits a second time what tunnels left', () => {
    expect(planTunnelLeftovers(nativeFacts())).toBeUndefined()
    const foreign = nativeFacts({ tunnelDirectories: ['/var/lib/yurttunnel-agent'], tunnelChains: 2 })
    expect(planTunnelLeftovers(foreign)).toBeUndefined()
    const left = planTunnelLeftovers(withJournal(foreign, journal('run1-hub', [])))
    expect(brief(left?.cleanup ?? [])).toEqual([
      'remove-tree /var/lib/yurttunnel-agent',
      'clean-tunnel-chains',
    ])
  })
})

describe("kube-controller-manager's node lifecycle", () => {
  it('is switched off once, and on again to the byte', () => {
    const off = planLifecycleOff(masterFacts(), options.release)
    expect(brief(off?.steps ?? [])).toEqual([
      'remember-controller-managers',
      'write-file /etc/kubernetes/manifests/kube-controller-manager.yaml',
      'wait-controller-manager',
    ])
    expect(off?.steps[2]).toMatchObject({ lifecycle: 'off', server: 'https://192.0.2.1:6443' })
    expect(planLifecycleOff(switchedMasterFacts(), options.release)).toBeUndefined()
    const notes: string[] = []
    const on = planLifecycleOn(switchedMasterFacts(), notes)
    expect(notes).toEqual([])
    expect(on?.steps[1]).toMatchObject({
      content: masterFacts().files.controllerManager.content,
      mode: '0600',
    })
    expect(on?.steps[2]).toMatchObject({ lifecycle: 'on' })
  })

  it('is left alone on a worker, and where it was not us who switched it', () => {
    expect(planLifecycleOff(nativeFacts(), options.release)).toBeUndefined()
    expect(planLifecycleOn(nativeFacts(), [])).toBeUndefined()
    expect(planLifecycleOn(masterFacts(), [])).toBeUndefined()
    const { files } = switchedMasterFacts()
    expect(
      planLifecycleOn(masterFacts({ files: { controllerManager: files.controllerManager } }), []),
    ).toBeUndefined()
  })

  it('is switched on in a manifest that an upgrade changed since, with a note', () => {
    const facts = switchedMasterFacts()
    const text = (facts.files.controllerManager.content ?? '').replace('v1.20.2', 'v1.20.15')
    const upgraded = {
      ...facts,
      files: { ...facts.files, controllerManager: file('controllerManager', text) },
    }
    const notes: string[] = []
    const on = planLifecycleOn(upgraded, notes)
    expect(on?.steps[1]).toMatchObject({ content: text.replace('-nodelifecycle,', '') })
    expect(notes).toEqual([expect.stringContaining('only our own change is taken out')])
  })
})
