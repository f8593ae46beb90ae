import { certificateText } from '../certificates.js'
import { apiServer } from './addresses.js'
import type { Authority } from './authority.js'
import type { HostFile } from './types.js'

export interface KubeletLayout {
  /** Old packages put the drop-in in /etc, those of pkgs.k8s.io in /usr/lib. */
  unitPlace: 'etc' | 'usr'
  /** kubeadm before 1.15 wrote no quotes. */
  quotes: 'double' | 'single' | 'none'
  engine: 'containerd' | 'docker'
  cgroupDriver: 'systemd' | 'cgroupfs'
}

/** The files of a kubeadm 1.20 node, as the packages and `kubeadm join` leave them. */
export function kubeletFiles(name: string, layout: KubeletLayout, authority: Authority): HostFile[] {
  const { unitPlace, engine, cgroupDriver } = layout
  const [unitFolder, extra] =
    unitPlace === 'etc'
      ? ['/lib/systemd/system', '/etc/default']
      : ['/usr/lib/systemd/system', '/etc/sysconfig']
  const dropInFolder = unitPlace === 'etc' ? '/etc/systemd/system' : '/usr/lib/systemd/system'
  const flags =
    engine === 'docker'
      ? '--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.2'
      : '--container-runtime=remote --container-runtime-endpoint=/run/containerd/containerd.sock --pod-infra-container-image=k8s.gcr.io/pause:3.2'
  const pem = 'kubelet-client-2026-01-02-03-04-05.pem'
  const certificate = certificateText({
    commonName: `system:node:${name}`,
    organizations: ['system:nodes'],
    signer: 'kubernetes.io/kube-apiserver-client-kubelet',
    notBefore: '2026-01-02T03:04:05Z',
  })
  return [
    { path: '/etc/kubernetes/manifests' },
    { path: '/etc/systemd/system/multi-user.target.wants' },
    { path: `${unitFolder}/kubelet.service`, mode: '0644', text: unit },
    { path: `${dropInFolder}/kubelet.service.d/10-kubeadm.conf`, mode: '0644', text: dropIn(extra) },
    {
      path: '/var/lib/kubelet/kubeadm-flags.env',
      mode: '0644',
      text: `KUBELET_KUBEADM_ARGS=${quoted(flags, layout)}\n`,
    },
    { path: '/var/lib/kubelet/config.yaml', mode: '0644', text: config(cgroupDriver) },
    {
      path: `/var/lib/kubelet/pki/${pem}`,
      mode: '0600',
      text: Buffer.from(certificate, 'base64').toString('utf8') + authority.key,
    },
    { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', link: pem },
    { path: '/etc/kubernetes/pki/ca.crt', mode: '0644', text: authority.ca },
    { path: '/etc/kubernetes/kubelet.conf', mode: '0600', text: kubeconfig(name, authority) },
  ]
}

function quoted(flags: string, { quotes }: KubeletLayout): string {
  const mark = { double: '"', single: "'", none: '' }[quotes]
  return `${mark}${flags}${mark}`
}

const unit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/home/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`

function dropIn(extra: string): string {
  return `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# This is a file that "kubeadm init" and "kubeadm join" generates at runtime, populating the KUBELET_KUBEADM_ARGS variable dynamically
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# This is a file that the user can use for overrides of the kubelet args as a last resort.
EnvironmentFile=-${extra}/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`
}

function config(cgroupDriver: string): string {
  return `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
cgroupDriver: ${cgroupDriver}
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
healthzBindAddress: 127.0.0.1
healthzPort: 10248
kind: KubeletConfiguration
rotateCertificates: true
staticPodPath: /etc/kubernetes/manifests
`
}

function kubeconfig(name: string, { ca }: Authority): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(ca).toString('base64')}
    server: ${apiServer}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: system:node:${name}
  name: system:node:${name}@kubernetes
current-context: system:node:${name}@kubernetes
kind: Config
preferences: {}
users:
- name: system:node:${name}
  user:
    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
`
}
