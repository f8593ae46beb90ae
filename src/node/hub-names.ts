import type { Release } from '../releases/types.js'
import { render, type TemplateContext } from '../templates.js'

/** What scripts on hosts are told of a release: names, paths and ports, each in the form that a script wants. */
export function hubNames({ hub, components }: Release): TemplateContext {
  const { proxy, health, secureProxy } = hub.ports
  const workloads = components.flatMap(({ workload }) => workload ?? [])
  const ports = [...Object.values(hub.ports), ...workloads.flatMap(({ hostPorts }) => hostPorts ?? [])]
  return {
    hubName: hub.name,
    hubManifest: hub.manifest,
    joinedManifest: hub.joinedManifest,
    hubRoot: hub.root,
    hubCache: hub.cache,
    hubCa: hub.ca,
    hubBootstrap: hub.bootstrapConfig,
    openyurtDir: hub.openyurtDir,
    ourKubeconfig: hub.kubeconfig,
    hubInterface: hub.interface,
    hubAddressPattern: hub.address.replaceAll('.', '\\.'),
    proxyPort: proxy,
    proxyPortHex: hex(proxy),
    proxyUrl: `http://127.0.0.1:${proxy}`,
    healthPort: health,
    healthPath: hub.healthPath,
    healthUrl: `http://127.0.0.1:${health}${hub.healthPath}`,
    // ports that its iptables rules name
    rulePorts: `${proxy}|${secureProxy}`,
    portsHex: ports.map(hex).join('|'),
    hostFolders: workloads.flatMap(({ hostFolder }) => hostFolder ?? []),
  }
}

/** A part of a script that differs by how the hub runs: `facts` tells what starts it, `words` its last words. */
export function hubPart(part: 'facts' | 'words', { hub }: Release, names: TemplateContext): string {
  return render(`host/hub/${hub.flavour}/${part}.sh`, names)
}

/** As /proc/net/tcp has a port. */
function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}
