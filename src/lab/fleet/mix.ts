import type { Authority } from './authority.js'
import { controlPlaneFiles } from './control-plane-files.js'
import { kubeletFiles } from './kubelet-files.js'
import type { HostSpec } from './types.js'

const clusterImages = [
  'k8s.gcr.io/kube-apiserver:v1.20.2',
  'k8s.gcr.io/kube-controller-manager:v1.20.2',
  'k8s.gcr.io/kube-scheduler:v1.20.2',
  'k8s.gcr.io/etcd:3.4.13-0',
  'k8s.gcr.io/kube-proxy:v1.20.2',
  'k8s.gcr.io/coredns:1.7.0',
  'k8s.gcr.io/pause:3.2',
]
const openyurtImages = [
  'docker.io/openyurt/yurthub:v0.6.1',
  'docker.io/openyurt/yurt-controller-manager:v0.6.1',
  'docker.io/openyurt/yurt-tunnel-server:v0.6.1',
  'docker.io/openyurt/yurt-tunnel-agent:v0.6.1',
  'docker.io/openyurt/yurt-app-manager:v0.4.0',
]

/**
 * A fleet of `count` hosts: three control planes from five hosts on, else one; a cloud worker from six on, or at four;
 * the rest are edge hosts. Unit files, quotes, architectures, container runtimes and versions of systemd differ from one
 * to the next.
 */
export function mixedFleet(count: number, authority: Authority): HostSpec[] {
  const masters = count >= 5 ? 3 : 1
  const clouds = count >= 6 || count === 4 ? 1 : 0
  const names = [
    ...numbered('cp', masters),
    ...numbered('cloud', clouds),
    ...numbered('edge', Math.max(count - masters - clouds, 0)),
  ]
  return names.map((name, index) => hostSpec(name, index, authority))
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`)
}

const cycle = <T>(index: number, ...kinds: readonly [T, ...T[]]): T => kinds[index % kinds.length] as T

function hostSpec(name: string, index: number, authority: Authority): HostSpec {
  const controlPlane = name.startsWith('cp-')
  const engine = cycle(index, 'containerd', 'docker')
  const address = `192.0.2.${11 + index}`
  const cgroupDriver = cycle(index, 'systemd', 'cgroupfs')
  const layout = {
    unitPlace: cycle(index, 'etc', 'usr'),
    quotes: cycle(index, 'double', 'single', 'none'),
    engine,
    cgroupDriver,
  } as const
  return {
    name,
    role: name.startsWith('edge-') ? 'edge' : 'cloud',
    controlPlane,
    address,
    arch: cycle(index, 'amd64', 'amd64', 'amd64', 'arm64'),
    engine,
    imageTools: engine === 'docker' ? ['docker'] : cycle(index, ['crictl', 'ctr'], [], ['ctr'], []),
    cgroupDriver,
    systemd: cycle(index, 247, 237, 255, 219, 252, 230),
    user: cycle(index, 'root', 'root', 'ops'),
    sudo: 'passwordless',
    images: [...clusterImages, ...openyurtImages],
    files: [
      ...kubeletFiles(name, layout, authority),
      ...(controlPlane ? controlPlaneFiles(address, authority) : []),
    ],
  }
}
