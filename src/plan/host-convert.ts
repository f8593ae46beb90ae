import type { Host } from '../inventory/types.js'
import { addRedirect, redirectState } from '../node/kubeadm-flags.js'
import { renderOurKubeconfig, serverOf } from '../node/kubeconfig.js'
import { lastFlag } from '../node/kubelet-unit.js'
import type { HostFacts } from '../node/types.js'
import type { HubRelease } from '../releases/types.js'
import { replaced } from './files.js'
import { flavourOf } from './hub-flavours/flavours.js'
import type { PlanOptions } from './options.js'
import type { HostStep, HostTransaction } from './types.js'

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
  const flavour = flavourOf(options.release)
  if (flavour.definition(facts).state === 'file') return []
  return [...flavour.up(host, facts, options), waitHub(options)]
}

function waitHub({ hubTimeoutSeconds }: PlanOptions): HostStep {
  return {
    kind: 'wait-hub',
    timeoutSeconds: hubTimeoutSeconds,
    reason: 'no kubelet is pointed at a hub that is not proven',
  }
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
