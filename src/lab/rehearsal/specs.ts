import type { HostFacts } from '../../node/types.js'
import type { FleetMember } from '../../plan/fleet.js'
import type { PlanOptions } from '../../plan/options.js'
import { certificateText } from '../certificates.js'
import type { Authority } from '../fleet/authority.js'
import { controlPlaneFiles } from '../fleet/control-plane-files.js'
import type { HostFile, HostSpec } from '../fleet/types.js'
import { nativeFiles, unitFiles } from './native.js'

/** A host that was read, as the lab builds it; pure. */
export function rehearsalSpec(
  { host, facts, controlPlane }: FleetMember,
  index: number,
  authority: Authority,
  options: PlanOptions,
): HostSpec {
  const address = `192.0.2.${11 + (index % 240)}`
  return {
    name: host.node,
    role: host.role,
    controlPlane,
    address,
    arch: facts.arch === 'arm64' ? 'arm64' : 'amd64',
    engine: facts.engine === 'docker' ? 'docker' : 'containerd',
    imageTools: facts.imageTool === 'none' ? [] : [facts.imageTool],
    cgroupDriver: /^cgroupDriver: *systemd/m.test(facts.files.kubeletConfig.content ?? '')
      ? 'systemd'
      : 'cgroupfs',
    systemd: facts.systemd ?? 247,
    user: 'root',
    sudo: 'passwordless',
    images: facts.images,
    files: [
      { path: facts.staticPodPath === '' ? '/etc/kubernetes/manifests' : facts.staticPodPath },
      { path: '/etc/systemd/system/multi-user.target.wants' },
      ...unitFiles(facts.kubelet),
      ...environmentFile(facts),
      ...otherStaticPods(facts, address, authority),
      ...nativeFiles(facts, options),
      ...clientCertificate(host.node, facts, authority),
    ],
  }
}

/** What the lab cannot imitate of a host, in words. */
export function unlikeness({ arch, engine, imageTool }: HostFacts): string[] {
  return [
    ...(['amd64', 'arm64'].includes(arch) ? [] : [`${arch} is rehearsed as amd64`]),
    ...(['containerd', 'docker'].includes(engine) ? [] : [`${engine} is rehearsed as containerd`]),
    ...(imageTool === 'none' ? ['no tool that looks at images'] : []),
  ]
}

/** Their lines were joined: the first file that is not kubeadm's gets them all. */
function environmentFile({ kubelet, files }: HostFacts): HostFile[] {
  const path = kubelet.environmentFiles.find((candidate) => candidate !== files.flags.path)
  return path === undefined || kubelet.extraEnvironment === ''
    ? []
    : [{ path, mode: '0644', text: kubelet.extraEnvironment }]
}

/** Of other static pods only the names are known: the lab's own stand in for those that it has. */
function otherStaticPods(facts: HostFacts, address: string, authority: Authority): HostFile[] {
  return controlPlaneFiles(address, authority).filter(({ path }) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    return (
      path.startsWith('/etc/kubernetes/manifests/') &&
      name !== 'kube-controller-manager.yaml' &&
      facts.staticPods.includes(name)
    )
  })
}

/** A stand-in for the kubelet's own: no key leaves a host. */
function clientCertificate(node: string, { files }: HostFacts, { key }: Authority): HostFile[] {
  if (files.clientPem.state === 'absent') return []
  const pem = 'kubelet-client-2026-01-02-03-04-05.pem'
  const certificate = certificateText({
    commonName: `system:node:${node}`,
    organizations: ['system:nodes'],
    signer: 'kubernetes.io/kube-apiserver-client-kubelet',
    notBefore: '2026-01-02T03:04:05Z',
  })
  const text = Buffer.from(certificate, 'base64').toString('utf8') + key
  return [
    { path: `/var/lib/kubelet/pki/${pem}`, mode: '0600', text },
    { path: files.clientPem.path, link: pem },
  ]
}
