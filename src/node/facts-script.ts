import type { Release } from '../releases/types.js'
import { render } from '../templates.js'
import { diskFolders } from './disks.js'
import { hubNames, hubPart } from './hub-names.js'

export interface FactsRequest {
  /** Kubernetes node name. */
  node: string
  /** Fully qualified references of images whose presence matters. */
  images: string[]
  /** API servers to reach from the host; empty means those of the kubelet's own kubeconfig. */
  servers: string[]
  /** Overrides the folder of static pods. */
  staticPodPath?: string
  /** The kubelet's drop-in, instead of those that systemd shows. */
  kubeadmConfPath?: string
  release: Release
}

/** kubeadm writes it here; used when the unit does not say otherwise. */
export const defaultFlagsPath = '/var/lib/kubelet/kubeadm-flags.env'

/** The read-only script whose output `parseFacts` reads. */
export function factsScript(request: FactsRequest): string {
  const names = hubNames(request.release)
  return render('host/facts.sh', {
    ...names,
    hubFacts: hubPart('facts', request.release, names),
    node: request.node,
    images: request.images,
    servers: request.servers.join(' '),
    staticPodPath: request.staticPodPath ?? '',
    kubeadmConfPath: request.kubeadmConfPath ?? '',
    flagsPath: defaultFlagsPath,
    folders: diskFolders,
  })
}
