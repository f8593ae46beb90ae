import { describe, expect, it } from 'vitest'
import { disableNodeLifecycle } from '../../src/node/controller-manager.js'
import { renderOurKubeconfig } from '../../src/node/kubeconfig.js'
import type { FileFact, HostFacts } from '../../src/node/types.js'
import { planLifecycleOn } from '../../src/plan/controller-manager.js'
import { foreignConversion } from '../../src/plan/foreign.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { planRevert } from '../../src/plan/revert.js'
import {
  commandLine,
  convertedFacts,
  file,
  folder,
  hostNamed,
  masterFacts,
  nativeFacts,
  options,
  release,
} from '../support/facts.js'
import { all, fleetOf, nativeSite } from '../support/fleet.js'
import { hostFiles } from '../support/host-files.js'
import { dropInPath, yurtctlDropIn, yurtctlFlags, yurtctlHub } from '../support/yurtctl.js'

const adopting = { ...options, adopt: true }
const native = nativeFacts()
const flags = native.files.flags.content ?? ''
const dropIn = hostFiles.edge.find(({ path }) => path === dropInPath)?.text ?? ''
const hub: Partial<HostFacts['files']> = {
  hubManifest: file('hubManifest', yurtctlHub.replace(/abcdef\.\w+/, '********')),
  ourKubeconfig: file('ourKubeconfig', renderOurKubeconfig(release.hub)),
  openyurtDir: folder('openyurtDir'),
  hubRoot: folder('hubRoot'),
  hubCache: folder('hubCache'),
}

const v6 = nativeFacts({
  hubHealth: '200',
  hubTokenId: 'abcdef',
  kubelet: { commandLine: commandLine(yurtctlFlags(flags)) },
  files: { ...hub, flags: file('flags', yurtctlFlags(flags), '0640') },
})
const v5 = withDropIn(yurtctlDropIn(dropIn), dropIn)

function withDropIn(text: string, backup: string): HostFacts {
  return nativeFacts({
    hubHealth: '200',
    files: { ...hub, dropIn: file('dropIn', text), dropInBackup: file('dropInBackup', backup) },
  })
}

function contents(facts: HostFacts): Record<string, string> {
  const { transaction } = planHostRevert(facts, adopting)
  return Object.fromEntries(
    (transaction?.steps ?? []).flatMap((step) =>
      step.kind === 'write-file' ? [[step.path, step.content]] : [],
    ),
  )
}

const elsewhere = (key: 'hubManifest', text: string): { files: Record<string, FileFact> } => ({
  files: { [key]: file(key, text) },
})

describe('who converted a host', () => {
  it.each([
    ['nobody', native, undefined],
    ['we', convertedFacts(hostNamed('edge-1')), undefined],
    ['yurtctl v0.6', v6, { by: 'yurtctl v0.6', adoptable: true }],
    ['yurtctl v0.5', v5, { by: 'yurtctl v0.5', adoptable: true }],
    [
      'a yurtctl that stopped half way',
      nativeFacts({ files: { ...hub } }),
      { by: 'yurtctl v0.6', adoptable: true },
    ],
    [
      'a yurtctl whose hub is gone',
      nativeFacts({ files: { flags: file('flags', yurtctlFlags(flags)) } }),
      { by: 'yurtctl v0.6', adoptable: true },
    ],
    [
      'yurtctl join',
      nativeFacts({ files: { joinedHubManifest: file('joinedHubManifest', 'kind: Pod\n') } }),
      { by: 'yurtctl join', adoptable: false },
    ],
    [
      'somebody else',
      nativeFacts(elsewhere('hubManifest', 'kind: Pod\n')),
      { by: 'somebody else', adoptable: false },
    ],
  ])('%s', (_who, facts, expected) => {
    expect(foreignConversion(facts, release)).toEqual(expected)
  })
})

describe('a revert that adopts', () => {
  it('gives the flags file of before yurtctl v0.6, byte for byte', () => {
    expect(contents(v6)).toEqual({ '/var/lib/kubelet/kubeadm-flags.env': flags })
    const { transaction, notes } = planHostRevert(v6, adopting)
    expect(notes[0]).toMatch(/yurtctl converted it/)
    expect(transaction?.cleanup.map((step) => ('path' in step ? step.path : step.kind))).toEqual([
      '/var/lib/openyurt/kubelet.conf',
      '/var/lib/openyurt',
      '/etc/kubernetes/manifests/yurt-hub.yaml',
      'wait-hub-gone',
      'clean-network',
      '/var/lib/yurthub',
      '/etc/kubernetes/cache',
    ])
  })

  it('gives the drop-in of before yurtctl v0.5, and takes its backup away', () => {
    expect(contents(v5)).toEqual({ [dropInPath]: dropIn })
    const { transaction } = planHostRevert(v5, adopting)
    expect(transaction?.steps).toContainEqual(
      expect.objectContaining({ kind: 'remove-file', path: `${dropInPath}.bk` }),
    )
  })

  it('keeps an edit of the drop-in that somebody made since', () => {
    expect(contents(withDropIn(`${yurtctlDropIn(dropIn)}CPUAccounting=true\n`, dropIn))).toEqual({
      [dropInPath]: `${dropIn}CPUAccounting=true\n`,
    })
  })

  it.each([
    [
      'a backup that a second convert overwrote',
      yurtctlDropIn(dropIn),
      yurtctlDropIn(dropIn),
      /converted file/,
    ],
    [
      'a line that differs in more',
      yurtctlDropIn(dropIn).replace('KUBELET_KUBECONFIG_ARGS=', 'KUBELET_KUBECONFIG_ARGS=--v=9 '),
      dropIn,
      /in more than what yurtctl changes/,
    ],
  ])('refuses %s: nothing is guessed', (_name, text, backup, says) => {
    expect(() => planHostRevert(withDropIn(text, backup), adopting)).toThrow(says)
  })

  it('takes every entry of yurtctl out of kube-controller-manager, and only when asked', () => {
    const before = masterFacts().files.controllerManager.content ?? ''
    const twice = disableNodeLifecycle(before).replace('-nodelifecycle,', '-nodelifecycle,-nodelifecycle,')
    for (const text of [disableNodeLifecycle(before), twice]) {
      const facts = masterFacts({ files: { controllerManager: file('controllerManager', text, '0600') } })
      expect(planLifecycleOn(facts, [])).toBeUndefined()
      expect(planLifecycleOn(facts, [], true)?.steps).toContainEqual(
        expect.objectContaining({ kind: 'write-file', content: before }),
      )
    }
  })

  it('names tokens that never expire and where they stand', () => {
    const site = nativeSite()
    site.facts.set('edge-2', v6)
    site.belongings = {
      podNames: new Map(),
      customObjects: [],
      lastingTokens: ['abcdef'],
      lonePods: new Map(),
    }
    const { notes } = planRevert(fleetOf(site), all(site), adopting)
    expect(notes).toEqual([
      expect.stringMatching(
        /^bootstrap token abcdef never expires.*edge-2.*delete secret bootstrap-token-abcdef$/,
      ),
    ])
    expect(planRevert(fleetOf(site), all(site), { ...options, release }).notes).toEqual([])
  })
})
