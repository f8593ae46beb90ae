import type { Host } from '../inventory/types.js'
import { qualifiedImage } from '../releases/release.js'
import type { PlanOptions } from './options.js'

/** Images that may run on a host once it is converted; the scheduler may put a component on any cloud node. */
export function neededImages(host: Host, controlPlane: boolean, options: PlanOptions): string[] {
  const { images, deployTunnel, enableAppManager } = options
  const needed = [
    ...(!controlPlane || host.hub ? [images.yurthub] : []),
    ...(host.role === 'cloud' ? [images.yurtControllerManager] : []),
    ...(host.role === 'cloud' && deployTunnel ? [images.yurtTunnelServer] : []),
    ...(host.role === 'edge' && deployTunnel ? [images.yurtTunnelAgent] : []),
    ...(host.role === 'cloud' && enableAppManager ? [images.yurtAppManager] : []),
  ]
  return needed.map(qualifiedImage)
}
