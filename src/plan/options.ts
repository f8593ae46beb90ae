import type { Release, ReleaseImages } from '../releases/types.js'

/** What the operator asked of a run, beside the inventory. */
export interface PlanOptions {
  release: Release
  images: ReleaseImages
  /** Node names that get the autonomy annotation; absent means every edge node. */
  autonomousNodes?: readonly string[]
  deployTunnel: boolean
  /** host:port that tunnel agents connect to; absent lets them find the Service. */
  tunnelServerAddress?: string
  enableAppManager: boolean
  /** Seconds for the hub to become healthy on a host. */
  hubTimeoutSeconds: number
  /** Let hubs bootstrap by a token of this run. */
  joinToken: boolean
  /** Restart pods whose containers hold an address of the API server that is wrong from then on. */
  restartPods: boolean
  /** Folder of static pods, where the kubelet's own configuration does not say. */
  podManifestPath?: string
  /** The kubelet's drop-in, where it is not the one systemd shows. */
  kubeadmConfPath?: string
  /** Inventory names that a revert goes on without. */
  leaveBehind: readonly string[]
  /** Let a revert take out what OpenYurt's own yurtctl did. */
  adopt: boolean
}
