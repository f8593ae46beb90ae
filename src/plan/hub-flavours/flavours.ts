import type { HubRelease, Release } from '../../releases/types.js'
import { staticPod } from './static-pod.js'
import type { HubFlavour } from './types.js'

const flavours: Record<HubRelease['flavour'], HubFlavour> = { 'static-pod': staticPod }

/** How this release's hub runs on a node. */
export function flavourOf({ hub }: Release): HubFlavour {
  return flavours[hub.flavour]
}
