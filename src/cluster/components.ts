import { isIP } from 'node:net'
import type { ReleaseImages } from '../releases/release.js'
import { appManagerObjects } from './app-manager.js'
import { renderObjects } from './manifests.js'
import { type ClusterStep, type KubeObject, type ObjectRef, refKey, refOf } from './types.js'

export interface ComponentOptions {
  /** Folder of the templates. */
  release: string
  images: ReleaseImages
  deployTunnel: boolean
  /** host:port that tunnel agents connect to; absent lets them find the Service. */
  tunnelServerAddress?: string
  enableAppManager: boolean
  /** Keeps components whose image has one architecture off other nodes. */
  arch?: string
  /** API groups and versions that the server has. */
  apiVersions: readonly string[]
  /** Control-plane nodes reach the API server directly, which makes them the best place for its controllers. */
  controlPlaneWithoutHub: boolean
}

/** A part of OpenYurt that runs in the cluster. */
export interface Component {
  name: string
  /** In the order to apply them. */
  objects: KubeObject[]
  /** What must hold before anything builds on it. */
  waits: ClusterStep[]
  /** Label selector of its pods; a revert waits until they are gone before it removes what they make. */
  pods?: string
  /** Objects that it makes itself at runtime; they carry no label of ours. */
  leftovers: ObjectRef[]
}

const namespace = 'kube-system'
const waitSeconds = 300

/** What a converted cluster runs, in the order to apply it. A revert asks for all of it, whatever was deployed. */
export function components(options: ComponentOptions): Component[] {
  return [
    controllerManager(options),
    hubSettings(options),
    ...(options.deployTunnel ? [tunnelServer(options), tunnelAgent(options)] : []),
    ...(options.enableAppManager ? [appManager(options)] : []),
  ]
}

/** Everything to remove, in order: the last applied first, and what a component made after the component. */
export function removalOrder(list: readonly Component[]): ObjectRef[] {
  return list
    .toReversed()
    .flatMap(({ objects, leftovers }) => [...objects.map(refOf).toReversed(), ...leftovers])
}

/** Whether components of ours make such an object at runtime: a revert removes it although it has no label. */
export function isLeftover(ref: ObjectRef): boolean {
  return Object.values(leftovers)
    .flat()
    .some((known) => refKey(known) === refKey(ref))
}

const lease = (name: string): ObjectRef => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace,
  name,
})
const configMap = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name })

const leftovers = {
  controllerManager: [lease('yurt-controller-manager')],
  tunnelServer: [configMap('yurt-tunnel-nodes'), lease('tunnel-dns-controller')],
  // A ConfigMap up to v0.4 of the image, a Lease since.
  appManager: [configMap('yurt-app-manager'), lease('yurt-app-manager')],
}

function controllerManager({ release, images, controlPlaneWithoutHub }: ComponentOptions): Component {
  const name = 'yurt-controller-manager'
  return {
    name,
    objects: renderObjects(`${release}/${name}`, {
      image: images.yurtControllerManager,
      preferControlPlane: controlPlaneWithoutHub,
    }),
    waits: [
      available(name),
      // It has no probes and calls itself healthy without an API: only a Lease held and renewed proves it.
      {
        kind: 'wait-lease',
        namespace,
        name,
        deployment: name,
        timeoutSeconds: waitSeconds,
        reason: 'it owns the node lifecycle from here on',
      },
    ],
    pods: 'app=yurt-controller-manager',
    leftovers: leftovers.controllerManager,
  }
}

function hubSettings({ release }: ComponentOptions): Component {
  return { name: 'yurt-hub', objects: renderObjects(`${release}/yurt-hub`, {}), waits: [], leftovers: [] }
}

function tunnelServer({ release, images, arch, tunnelServerAddress }: ComponentOptions): Component {
  const name = 'yurt-tunnel-server'
  const certificateName = tunnelServerAddress === undefined ? '' : certificateFlag(tunnelServerAddress)
  return {
    name,
    objects: renderObjects(`${release}/${name}`, {
      image: images.yurtTunnelServer,
      arch: arch ?? '',
      certificateName,
    }),
    waits: [available(name)],
    pods: 'k8s-app=yurt-tunnel-server',
    leftovers: leftovers.tunnelServer,
  }
}

/** Without a wait: it has no pods before there are edge nodes. */
function tunnelAgent({ release, images, tunnelServerAddress }: ComponentOptions): Component {
  const serverAddress = tunnelServerAddress === undefined ? '' : `--tunnelserver-addr=${tunnelServerAddress}`
  const name = 'yurt-tunnel-agent'
  return {
    name,
    objects: renderObjects(`${release}/${name}`, { image: images.yurtTunnelAgent, serverAddress }),
    waits: [],
    pods: 'k8s-app=yurt-tunnel-agent',
    leftovers: [],
  }
}

function appManager({ release, images, arch, apiVersions }: ComponentOptions): Component {
  const name = 'yurt-app-manager'
  const objects = appManagerObjects(release, { image: images.yurtAppManager, arch: arch ?? '', apiVersions })
  return {
    name,
    objects,
    waits: [available(name)],
    pods: 'control-plane=yurt-app-manager',
    leftovers: leftovers.appManager,
  }
}

function available(name: string): ClusterStep {
  return {
    kind: 'wait-deployment',
    namespace,
    name,
    timeoutSeconds: waitSeconds,
    reason: `${name} must run before nodes depend on it`,
  }
}

/** The server's certificate must carry the address that agents use. */
function certificateFlag(address: string): string {
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return isIP(host) === 0 ? `--cert-dns-names=${host}` : `--cert-ips=${host}`
}
