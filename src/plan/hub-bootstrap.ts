import { posix } from 'node:path'
import type { Host } from '../inventory/types.js'
import { renderBootstrapConfig } from '../node/hub.js'
import { hubServerAddr, kubeconfigOf } from '../node/kubeconfig.js'
import type { HostFacts } from '../node/types.js'
import { isLost } from './changed.js'
import { newFile } from './files.js'
import type { PlanOptions } from './options.js'
import type { HostStep } from './types.js'

/** No token is needed where the hub can ask for its certificate as the kubelet, with the cluster's CA at hand. */
export function needsToken(facts: HostFacts, options: PlanOptions): boolean {
  return options.joinToken || facts.files.clientPem.state === 'absent' || facts.files.ca.content === undefined
}

/** Where the hub finds the API server: what the operator says, else the host's own kubelet.conf from before. */
export function serverAddrOf(host: Host, facts: HostFacts, { release }: PlanOptions): string {
  return host.serverAddr ?? hubServerAddr(kubeconfigOf(facts.files.kubeconfig).server, release.hub)
}

/** What lets the hub bootstrap without a token: the cluster's CA and a config that names the server. */
export function bootstrapSteps(host: Host, facts: HostFacts, options: PlanOptions): HostStep[] {
  const ca = facts.files.ca.content
  if (ca === undefined || needsToken(facts, options)) return []
  const { root, ca: hubCa, bootstrapConfig } = options.release.hub
  const reason = 'lets the hub ask for its certificate as the kubelet, without a token'
  const kept = (key: 'hubCa' | 'hubBootstrap'): boolean =>
    facts.files[key].state === 'file' && isLost(facts, facts.files.hubManifest)
  if (kept('hubCa') && kept('hubBootstrap')) return []
  const config = renderBootstrapConfig(serverAddrOf(host, facts, options), ca)
  return [
    { kind: 'make-directory', path: root, mode: '0755', reason },
    { kind: 'make-directory', path: posix.dirname(hubCa), mode: '0755', reason },
    ...(kept('hubCa') ? [] : [{ reason, ...newFile(hubCa, ca, '0644') }]),
    ...(kept('hubBootstrap') ? [] : [{ reason, ...newFile(bootstrapConfig, config, '0600') }]),
  ]
}
