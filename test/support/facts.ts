import { createHash } from 'node:crypto'
import type { ClusterFacts, KubeObject, NodeInfo } from '../../src/cluster/types.js'
import { refKey, refOf } from '../../src/cluster/types.js'
import type { Host } from '../../src/inventory/types.js'
import { disableNodeLifecycle } from '../../src/node/controller-manager.js'
import { addRedirect } from '../../src/node/kubeadm-flags.js'
import { renderOurKubeconfig } from '../../src/node/kubeconfig.js'
import {
  type FileFact,
  type FileKey,
  fileKeys,
  type HostFacts,
  type JournalFacts,
} from '../../src/node/types.js'
import { wantedHubManifest } from '../../src/plan/hub-flavours/static-pod.js'
import type { PlanOptions } from '../../src/plan/options.js'
import { findRelease, qualifiedImage } from '../../src/releases/release.js'
import { hostFiles } from './host-files.js'

export const release = findRelease('v0.6.1')

export const options: PlanOptions = {
  release,
  images: release.images,
  deployTunnel: false,
  enableAppManager: false,
  hubTimeoutSeconds: 60,
  joinToken: false,
  restartPods: false,
  leaveBehind: [],
  adopt: false,
}

/** Where each file of the facts stands on a kubeadm node. */
const paths: Record<FileKey, string> = {
  flags: '/var/lib/kubelet/kubeadm-flags.env',
  kubeletConfig: '/var/lib/kubelet/config.yaml',
  controllerManager: '/etc/kubernetes/manifests/kube-controller-manager.yaml',
  hubManifest: '/etc/kubernetes/manifests/yurt-hub.yaml',
  joinedHubManifest: '/etc/kubernetes/manifests/yurthub.yaml',
  kubeconfig: '/etc/kubernetes/kubelet.conf',
  ourKubeconfig: '/var/lib/openyurt/kubelet.conf',
  ca: '/etc/kubernetes/pki/ca.crt',
  clientPem: '/var/lib/kubelet/pki/kubelet-client-current.pem',
  kubernetesDir: '/etc/kubernetes',
  kubeletPki: '/var/lib/kubelet/pki',
  hubRoot: '/var/lib/yurthub',
  hubCa: '/var/lib/yurthub/pki/ca.crt',
  hubBootstrap: '/var/lib/yurthub/bootstrap-hub.conf',
  hubCache: '/etc/kubernetes/cache',
  openyurtDir: '/var/lib/openyurt',
  dropIn: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
  dropInBackup: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf.bk',
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

export function absent(key: FileKey): FileFact {
  return { path: paths[key], state: 'absent' }
}

export function folder(key: FileKey): FileFact {
  return { path: paths[key], state: 'directory', mode: '0755', uid: 0, gid: 0 }
}

export function file(key: FileKey, content: string, mode = '0644'): FileFact {
  return { path: paths[key], state: 'file', sha256: sha256(content), mode, uid: 0, gid: 0, content }
}

export function link(key: FileKey): FileFact {
  return { path: paths[key], state: 'link', mode: '0777', uid: 0, gid: 0 }
}

const text = (path: string, of = hostFiles.controlPlane): string =>
  of.find((row) => row.path === path)?.text ?? ''

const native: Partial<Record<FileKey, FileFact>> = {
  flags: file('flags', text(paths.flags), '0640'),
  kubeletConfig: file('kubeletConfig', text(paths.kubeletConfig)),
  kubeconfig: file('kubeconfig', text(paths.kubeconfig), '0600'),
  ca: file('ca', text(paths.ca)),
  clientPem: link('clientPem'),
  kubernetesDir: folder('kubernetesDir'),
  kubeletPki: folder('kubeletPki'),
}

const drop = '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf'
const unit = '/lib/systemd/system/kubelet.service'

/** A kubeadm worker that nobody has converted; `changes` are what differs on this one. */
export function nativeFacts(changes: FactChanges = {}): HostFacts {
  const { files, kubelet, state, ...rest } = changes
  return {
    uid: 0,
    arch: 'amd64',
    kernel: '5.10.0',
    hostname: 'edge-1',
    bootId: '8c2f6b0e-0d5c-4a56-9f0b-3f0a6a1c9d11',
    clock: 1_767_323_045,
    httpClient: 'curl',
    systemd: 247,
    missingTools: [],
    otherDistributions: [],
    disks: [{ folder: '/var/lib', freeKiB: 8_000_000, freeInodes: 500_000 }],
    dummy: 'loadable',
    iptables: true,
    hubRules: 0,
    tunnelChains: 0,
    staticPodPath: '/etc/kubernetes/manifests',
    staticPods: [],
    definedIn: { controllerManager: [], hub: [] },
    engine: 'containerd',
    runtimeEndpoint: '/run/containerd/containerd.sock',
    imageTool: 'crictl',
    images: Object.values(release.images).map(qualifiedImage),
    registries: {},
    listening: [],
    api: { 'https://192.0.2.1:6443': '200' },
    hubHealth: '000',
    hubServes: '',
    hubTokenId: '',
    tunnelDirectories: [],
    pods: [],
    ...rest,
    kubelet: {
      loadState: 'loaded',
      activeState: 'active',
      mainPid: 812,
      unitPaths: [unit, drop],
      unitText: [unit, drop].map((path) => `# ${path}\n${text(path)}`).join('\n'),
      environmentFiles: [paths.flags, '/etc/default/kubelet'],
      extraEnvironment: '',
      commandLine: commandLine(text(paths.flags)),
      ...kubelet,
    },
    files: {
      ...(Object.fromEntries(fileKeys.map((key) => [key, absent(key)])) as Record<FileKey, FileFact>),
      ...native,
      ...files,
    },
    state: { unit: 'inactive', format: '', lock: '', journals: [], ...state },
  }
}

export type FactChanges = Partial<Omit<HostFacts, 'files' | 'kubelet' | 'state'>> & {
  files?: Partial<Record<FileKey, FileFact>>
  kubelet?: Partial<HostFacts['kubelet']>
  state?: Partial<HostFacts['state']>
}

/** The kubelet's arguments with these flags in its kubeadm-flags.env. */
export function commandLine(flags: string): string[] {
  const value = /^KUBELET_KUBEADM_ARGS="(.*)"$/m.exec(flags)?.[1] ?? ''
  return [
    '/usr/bin/kubelet',
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
    ...value.split(' ').filter((word) => word !== ''),
  ]
}

/** A kubeadm control-plane node, its kube-controller-manager as kubeadm made it. */
export function masterFacts(changes: FactChanges = {}): HostFacts {
  const controllerManager = file('controllerManager', text(paths.controllerManager), '0600')
  return nativeFacts({ ...changes, files: { controllerManager, ...changes.files } })
}

/** The same with the node lifecycle switched off by us. */
export function switchedMasterFacts(changes: FactChanges = {}): HostFacts {
  const before = text(paths.controllerManager)
  const after = disableNodeLifecycle(before)
  const facts = masterFacts({
    ...changes,
    files: { controllerManager: file('controllerManager', after, '0600'), ...changes.files },
  })
  return withJournal(facts, journal('run1-controller-manager', [['controllerManager', before, after]]))
}

/** This host after a conversion with these options: what facts would find on it. */
export function convertedFacts(host: Host, facts: HostFacts = nativeFacts(), given = options): HostFacts {
  const flags = facts.files.flags.content ?? ''
  const redirected = addRedirect(facts.files.flags.content, release.hub.kubeconfig)
  const manifest = wantedHubManifest(host, facts, given).replaceAll('{{token}}', '********')
  const kubeconfig = renderOurKubeconfig(release.hub)
  return withJournal(
    {
      ...facts,
      kubelet: { ...facts.kubelet, commandLine: commandLine(redirected) },
      staticPods: ['yurt-hub.yaml'],
      listening: [10261, 10267, 10268],
      hubHealth: '200',
      hubServes: '200',
      hubRules: 4,
      dummy: 'present',
      files: {
        ...facts.files,
        flags: { ...facts.files.flags, ...file('flags', redirected, facts.files.flags.mode) },
        ourKubeconfig: file('ourKubeconfig', kubeconfig),
        hubManifest: file('hubManifest', manifest, '0600'),
        openyurtDir: folder('openyurtDir'),
        hubRoot: folder('hubRoot'),
        hubCache: folder('hubCache'),
        hubCa: file('hubCa', facts.files.ca.content ?? ''),
        hubBootstrap: { ...file('hubBootstrap', ''), mode: '0600' },
      },
    },
    {
      ...journal('run1-hub', [
        ['hubManifest', undefined, manifest],
        ['ourKubeconfig', undefined, kubeconfig],
        ['flags', flags, redirected],
      ]),
      directories: ['/var/lib/yurthub', '/var/lib/yurthub/pki', '/var/lib/openyurt'],
      trees: ['/var/lib/yurthub', '/etc/kubernetes/cache'],
      hubInterface: 'remove',
    },
  )
}

/** Our state on a host after one more committed transaction. */
export function withJournal(facts: HostFacts, added: JournalFacts): HostFacts {
  return { ...facts, state: { ...facts.state, format: '1', journals: [...facts.state.journals, added] } }
}

/** A committed conversion's journal: file, its text before (undefined for none) and after. */
export function journal(
  id: string,
  writes: [key: FileKey, before: string | undefined, after: string][],
): JournalFacts {
  return {
    id,
    verb: 'convert',
    result: 'committed',
    intact: true,
    directories: [],
    trees: [],
    writes: writes.map(([key, before, after], index) => ({
      number: index + 1,
      path: paths[key],
      before: before === undefined ? 'absent' : sha256(before),
      after: sha256(after),
      ...(before === undefined ? {} : { mode: native[key]?.mode ?? '0600', uid: 0, gid: 0, backup: before }),
    })),
  }
}

export function hostNamed(name: string, changes: Partial<Host> = {}): Host {
  return {
    name,
    node: name,
    role: 'edge',
    groups: [],
    hub: false,
    hubArgs: [],
    position: { file: 'inventory.yaml', line: 1, column: 1 },
    ssh: {
      address: '192.0.2.11',
      port: 22,
      user: 'root',
      identityFile: [],
      identitiesOnly: false,
      knownHosts: [],
      strictHostKeyChecking: 'strict',
      connectTimeout: 10,
    },
    ...changes,
  }
}

export function nodeNamed(name: string, changes: Partial<NodeInfo> = {}): NodeInfo {
  return {
    name,
    labels: {},
    annotations: {},
    ready: 'True',
    heartbeat: '2026-01-02T03:04:05Z',
    addresses: [],
    taints: [],
    unschedulable: false,
    controlPlane: false,
    kubeletVersion: 'v1.20.2',
    arch: 'amd64',
    ...changes,
  }
}

export function clusterOf(nodes: NodeInfo[], changes: Partial<ClusterFacts> = {}): ClusterFacts {
  return {
    serverVersion: 'v1.20.2',
    nodes,
    kcmPods: nodes
      .filter(({ controlPlane }) => controlPlane)
      .map(({ name }) => ({
        name: `kube-controller-manager-${name}`,
        node: name,
        configHash: `hash-of-${name}`,
        started: true,
      })),
    kcmLeader: 'cp-1_3c1b',
    objects: {},
    foreignJobs: [],
    apiVersions: ['v1', 'apps/v1', 'apiextensions.k8s.io/v1', 'admissionregistration.k8s.io/v1'],
    runTokens: [],
    ...changes,
  }
}

/** Live objects by their key, as the API would give them. */
export function liveObjects(objects: readonly KubeObject[]): Record<string, KubeObject> {
  return Object.fromEntries(
    objects.map((object) => [
      refKey(refOf(object)),
      { ...structuredClone(object), metadata: { ...object.metadata, uid: 'u', resourceVersion: '1' } },
    ]),
  )
}
