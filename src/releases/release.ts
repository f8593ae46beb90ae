import { YurtSshError } from '../errors.js'

export interface ReleaseImages {
  yurthub: string
  yurtControllerManager: string
  yurtTunnelServer: string
  yurtTunnelAgent: string
  yurtAppManager: string
}

/** What an OpenYurt release is, as data: everything that differs from one to the next. */
export interface Release {
  name: string
  /** Kubernetes server versions it works with, a semver range. */
  kubernetes: string
  images: ReleaseImages
  hub: {
    /** How the hub runs on a node. */
    flavour: 'static-pod'
    manifest: string
    root: string
    cache: string
    openyurtDir: string
    kubeconfig: string
    /** TCP ports on the node that must be free: proxy, health, secure proxy. */
    ports: readonly number[]
  }
  edgeWorkerLabel: string
  autonomyAnnotation: string
  /** Which controller owns the node lifecycle once converted; the stock one is then off. */
  lifecycleOwner: 'yurt-controller-manager'
}

/**
 * v0.6.1 (2022-02-15). CSR v1beta1 and the signer legacy-unknown, which its hub needs, are gone in Kubernetes 1.22;
 * below 1.16 there is no apiextensions v1 and no server-side defaulting of what we compare.
 */
const classic: Release = {
  name: 'v0.6.1',
  kubernetes: '>=1.16.0 <1.22.0',
  images: {
    yurthub: 'docker.io/openyurt/yurthub:v0.6.1',
    yurtControllerManager: 'docker.io/openyurt/yurt-controller-manager:v0.6.1',
    yurtTunnelServer: 'docker.io/openyurt/yurt-tunnel-server:v0.6.1',
    yurtTunnelAgent: 'docker.io/openyurt/yurt-tunnel-agent:v0.6.1',
    yurtAppManager: 'docker.io/openyurt/yurt-app-manager:v0.4.0',
  },
  hub: {
    flavour: 'static-pod',
    manifest: 'yurt-hub.yaml',
    root: '/var/lib/yurthub',
    cache: '/etc/kubernetes/cache',
    openyurtDir: '/var/lib/openyurt',
    kubeconfig: '/var/lib/openyurt/kubelet.conf',
    ports: [10261, 10267, 10268],
  },
  edgeWorkerLabel: 'openyurt.io/is-edge-worker',
  autonomyAnnotation: 'node.beta.openyurt.io/autonomy',
  lifecycleOwner: 'yurt-controller-manager',
}

const releases: readonly Release[] = [classic]

/** What a new inventory names. */
export const newestRelease: Release = classic

/** The release of that name. @throws YurtSshError INVENTORY_RELEASE */
export function findRelease(name: string): Release {
  const release = releases.find((candidate) => candidate.name === name)
  if (release !== undefined) return release
  throw new YurtSshError('INVENTORY_RELEASE', `OpenYurt release ${name} is not known`, {
    hint: `openyurt.release may be ${releases.map(({ name }) => name).join(', ')}`,
  })
}

/** `openyurt/yurthub:v1` → `docker.io/openyurt/yurthub:v1`: the name that a container runtime keeps an image under. */
export function qualifiedImage(reference: string): string {
  const [first = '', ...rest] = reference.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const named = hasRegistry
    ? reference
    : rest.length === 0
      ? `docker.io/library/${reference}`
      : `docker.io/${reference}`
  return /[:@][^/]+$/.test(named) ? named : `${named}:latest`
}
