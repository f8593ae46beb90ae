import { posix } from 'node:path'
import type { Host } from '../inventory/types.js'
import { maskToken, renderBootstrapConfig, renderHubManifest, tokenPlaceholder } from '../node/hub.js'
import { addRedirect, redirectState } from '../node/kubeadm-flags.js'
import { hubServerAddr, kubeconfigOf, renderOurKubeconfig, serverOf } from '../node/kubeconfig.js'
import { lastFlag } from '../node/kubelet-unit.js'
import type { FileFact, HostFacts } from '../node/types.js'
import { qualifiedImage } from '../releases/release.js'
import type { HubRelease } from '../releases/types.js'
import { lostHubManifest } from './drift.js'
import type { PlanOptions } from './options.js'
import type { HostStep, HostTransaction, WriteFile } from './types.js'

/** Beyond its waits: pulling an image, stopping a kubelet that drains slowly, an undo of all of it. */
const spareSeconds = 600
const kubeletTimeoutSeconds = 180

/** Steps that turn this host into an OpenYurt node; empty when it already is one. */
export function planHostConvert(host: Host, facts: HostFacts, options: PlanOptions): HostStep[] {
  const hub = planHub(host, facts, options)
  const redirect = planRedirect(facts, options)
  return [...hub, ...(hub.length === 0 && redirect.length > 0 ? [waitHub(options)] : []), ...redirect]
}

/** The same as one transaction; absent when there is nothing to do. */
export function hubTransaction(
  host: Host,
  facts: HostFacts,
  options: PlanOptions,
): HostTransaction | undefined {
  const steps = planHostConvert(host, facts, options)
  if (steps.length === 0) return undefined
  return {
    kind: 'hub',
    verb: 'convert',
    steps,
    cleanup: restartPods(
      podsToRestart(facts, options),
      'their containers look for the API server past the hub',
    ),
    deadlineSeconds: options.hubTimeoutSeconds + kubeletTimeoutSeconds + spareSeconds,
  }
}

/** The hub's manifest as it should stand on this host, its token a placeholder. */
export function wantedHubManifest(host: Host, facts: HostFacts, options: PlanOptions): string {
  return renderHubManifest(
    {
      image: qualifiedImage(options.images.yurthub),
      mode: host.role,
      serverAddr: serverAddrOf(host, facts, options),
      hubArgs: host.hubArgs,
      ...(needsToken(facts, options) ? { joinToken: tokenPlaceholder } : {}),
    },
    options.release.hub,
  )
}

/** Whether the hub there is the one we would put there; its token does not count. */
export function hubManifestMatches(host: Host, facts: HostFacts, options: PlanOptions): boolean {
  const { content } = facts.files.hubManifest
  if (content === undefined) return false
  const wanted = wantedHubManifest(host, facts, options)
  return [wanted, wantedHubManifest(host, facts, { ...options, joinToken: !options.joinToken })].some(
    (manifest) => maskToken(content) === maskToken(manifest),
  )
}

/** No token is needed where the hub can ask for its certificate as the kubelet, with the cluster's CA at hand. */
export function needsToken(facts: HostFacts, options: PlanOptions): boolean {
  return options.joinToken || facts.files.clientPem.state === 'absent' || facts.files.ca.content === undefined
}

/** Where the hub finds the API server: what the operator says, else the host's own kubelet.conf from before. */
export function serverAddrOf(host: Host, facts: HostFacts, { release }: PlanOptions): string {
  return host.serverAddr ?? hubServerAddr(kubeconfigOf(facts.files.kubeconfig).server, release.hub)
}

/** UIDs of pods whose containers should go through the hub from now on, where the operator asked for that. */
function podsToRestart(facts: HostFacts, options: PlanOptions): string[] {
  return options.restartPods
    ? facts.pods.filter((pod) => !isHubAddress(pod.serviceHost, options.release.hub)).map((pod) => pod.uid)
    : []
}

/** Whether a container with this KUBERNETES_SERVICE_HOST reaches the API through the node's hub. */
export function isHubAddress(serviceHost: string, { address }: HubRelease): boolean {
  return serviceHost === address || serviceHost === '127.0.0.1'
}

export function restartPods(uids: string[], reason: string): HostStep[] {
  return uids.length === 0 ? [] : [{ kind: 'restart-pods', uids, reason }]
}

function planHub(host: Host, facts: HostFacts, options: PlanOptions): HostStep[] {
  if (facts.files.hubManifest.state === 'file') return []
  const { hub } = options.release
  const image = qualifiedImage(options.images.yurthub)
  const manifest = newFile(
    `${facts.staticPodPath}/${hub.manifest}`,
    wantedHubManifest(host, facts, options),
    '0600',
  )
  return [
    ...(facts.images.includes(image)
      ? []
      : [
          {
            kind: 'pull-image' as const,
            image,
            tool: facts.imageTool,
            endpoint: facts.runtimeEndpoint,
            reason: 'the hub must start at once',
          },
        ]),
    ...ownTree(facts, 'hubRoot', hub.root, 'the hub keeps its certificates there'),
    ...bootstrapSteps(host, facts, options),
    ...ownTree(facts, 'hubCache', hub.cache, 'the hub caches the API there'),
    { kind: 'undo-removes-hub', reason: 'an undo waits for the hub to be gone' },
    { reason: `the hub as a static pod, ${host.role} mode`, ...manifest },
    waitHub(options),
  ]
}

/** Marks what grows there as ours; where it is our hub's already, of which only the manifest is gone, it is marked. */
function ownTree(facts: HostFacts, key: 'hubRoot' | 'hubCache', path: string, reason: string): HostStep[] {
  return facts.files[key].state !== 'absent' && lostHubManifest(facts)
    ? []
    : [{ kind: 'own-tree', path, reason }]
}

function waitHub({ hubTimeoutSeconds }: PlanOptions): HostStep {
  return {
    kind: 'wait-hub',
    timeoutSeconds: hubTimeoutSeconds,
    reason: 'no kubelet is pointed at a hub that is not proven',
  }
}

/** What lets the hub bootstrap without a token: the cluster's CA and a config that names the server. */
function bootstrapSteps(host: Host, facts: HostFacts, options: PlanOptions): HostStep[] {
  const ca = facts.files.ca.content
  if (ca === undefined || needsToken(facts, options)) return []
  const { root, ca: hubCa, bootstrapConfig } = options.release.hub
  const reason = 'lets the hub ask for its certificate as the kubelet, without a token'
  const kept = (key: 'hubCa' | 'hubBootstrap'): boolean =>
    facts.files[key].state === 'file' && lostHubManifest(facts)
  if (kept('hubCa') && kept('hubBootstrap')) return []
  const config = renderBootstrapConfig(serverAddrOf(host, facts, options), ca)
  return [
    { kind: 'make-directory', path: root, mode: '0755', reason },
    { kind: 'make-directory', path: posix.dirname(hubCa), mode: '0755', reason },
    ...(kept('hubCa') ? [] : [{ reason, ...newFile(hubCa, ca, '0644') }]),
    ...(kept('hubBootstrap') ? [] : [{ reason, ...newFile(bootstrapConfig, config, '0600') }]),
  ]
}

function planRedirect(facts: HostFacts, options: PlanOptions): HostStep[] {
  const { hub } = options.release
  const { kubeconfig, openyurtDir, ports } = hub
  const wanted = renderOurKubeconfig(hub)
  const { ourKubeconfig, flags } = facts.files
  const steps: HostStep[] = []
  if (facts.files.openyurtDir.state === 'absent') {
    steps.push({
      kind: 'make-directory',
      path: openyurtDir,
      mode: '0755',
      reason: 'home of the kubeconfig below',
    })
  }
  if (ourKubeconfig.content !== wanted) {
    steps.push({
      reason: `points the kubelet at the hub on 127.0.0.1:${ports.proxy}`,
      ...replaced(ourKubeconfig, kubeconfig, wanted, '0644'),
    })
  }
  const redirected = redirectState(flags.content, kubeconfig) === 'ours'
  if (redirected && lastFlag(facts.kubelet.commandLine, 'kubeconfig') === kubeconfig && steps.length === 0)
    return []
  steps.push({ kind: 'undo-restarts-kubelet', reason: 'an undo puts the kubelet back on the API server' })
  if (!redirected) {
    steps.push({
      reason: 'the kubelet takes our kubeconfig, the last one on its command line',
      ...replaced(flags, flags.path, addRedirect(flags.content, kubeconfig), '0644'),
    })
  }
  return [
    ...steps,
    {
      kind: 'restart-kubelet',
      through: 'hub',
      server: serverOf(facts.files.kubeconfig),
      timeoutSeconds: kubeletTimeoutSeconds,
      reason: 'and must prove that it talks to the hub: Ready, with a heartbeat after the restart',
    },
  ]
}

/** A file that is not there yet, owned by root. */
export function newFile(path: string, content: string, mode: string): WriteFile {
  return { kind: 'write-file', path, content, mode, uid: 0, gid: 0, before: 'absent' }
}

/** A file with other bytes and the mode and owner that it has; like `newFile` when it is absent. */
export function replaced(fact: FileFact, path: string, content: string, mode: string): WriteFile {
  if (fact.state !== 'file' || fact.sha256 === undefined) return newFile(path, content, mode)
  return {
    kind: 'write-file',
    path,
    content,
    mode: fact.mode ?? mode,
    uid: fact.uid ?? 0,
    gid: fact.gid ?? 0,
    before: fact.sha256,
    ...(fact.content === undefined ? {} : { beforeContent: fact.content }),
  }
}
