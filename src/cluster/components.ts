import { isIP } from 'node:net'
import { knownReleases } from '../releases/release.js'
import type { ComponentProof, ComponentRelease, Release, ReleaseImages } from '../releases/types.js'
import { definitionObjects, webhookObjects } from './custom-kinds.js'
import { renderObjects } from './manifests.js'
import { type ClusterStep, type KubeObject, type ObjectRef, refKey, refOf } from './types.js'

export interface ComponentOptions {
  release: Release
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
  return askedFor(options.release, options).map((component) => componentOf(component, options))
}

/** Those of a release's components that the options ask for. */
export function askedFor(
  { components }: Release,
  { deployTunnel, enableAppManager }: Pick<ComponentOptions, 'deployTunnel' | 'enableAppManager'>,
): ComponentRelease[] {
  const asked = { tunnel: deployTunnel, 'app-manager': enableAppManager }
  return components.filter(({ option }) => option === undefined || asked[option])
}

/** Everything to remove, in order: the last applied first, and what a component made after the component. */
export function removalOrder(list: readonly Component[]): ObjectRef[] {
  return list
    .toReversed()
    .flatMap(({ objects, leftovers }) => [...objects.map(refOf).toReversed(), ...leftovers])
}

/** Whether components of ours make such an object at runtime: a revert removes it although it has no label. */
export function isLeftover(ref: ObjectRef): boolean {
  return knownReleases
    .flatMap(({ components }) => components.flatMap(({ leftovers }) => leftovers))
    .some((known) => refKey(known) === refKey(ref))
}

/**
 * Its kinds first, its webhooks last. With failurePolicy Fail nothing of these kinds can be written while nobody
 * answers, so that a revert, in reverse order, takes the webhooks away before the component.
 */
function componentOf(component: ComponentRelease, options: ComponentOptions): Component {
  const { name, workload, proofs, leftovers, kinds } = component
  const { release, apiVersions } = options
  return {
    name,
    objects: [
      ...(kinds === undefined ? [] : definitionObjects(release.name, kinds, apiVersions)),
      ...renderObjects(`${release.name}/${name}`, templateContext(component, options)),
      ...(kinds === undefined ? [] : webhookObjects(release.name, kinds, apiVersions)),
    ],
    waits: proofs.map((proof) => waitOf(name, proof)),
    ...(workload === undefined ? {} : { pods: workload.pods }),
    leftovers: [...leftovers],
  }
}

/** What a component's template may read. */
function templateContext({ workload }: ComponentRelease, options: ComponentOptions) {
  const { images, arch, controlPlaneWithoutHub, tunnelServerAddress: address } = options
  return {
    ...(workload === undefined ? {} : { image: images[workload.image] }),
    arch: arch ?? '',
    preferControlPlane: controlPlaneWithoutHub,
    certificateName: address === undefined ? '' : certificateFlag(address),
    serverAddress: address === undefined ? '' : `--tunnelserver-addr=${address}`,
  }
}

function waitOf(deployment: string, proof: ComponentProof): ClusterStep {
  const timeoutSeconds = waitSeconds
  if (proof.kind === 'lease') {
    const { name, reason } = proof
    return { kind: 'wait-lease', namespace, name, deployment, timeoutSeconds, reason }
  }
  const reason = `${deployment} must run before nodes depend on it`
  return { kind: 'wait-deployment', namespace, name: deployment, timeoutSeconds, reason }
}

/** The server's certificate must carry the address that agents use. */
function certificateFlag(address: string): string {
  const host = address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return isIP(host) === 0 ? `--cert-dns-names=${host}` : `--cert-ips=${host}`
}
