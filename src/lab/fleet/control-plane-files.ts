import type { Authority } from './authority.js'
import type { HostFile } from './types.js'

/** What `kubeadm init` and `kubeadm join --control-plane` of 1.20 add: static pods and the CA's key. */
export function controlPlaneFiles(address: string, { key }: Authority): HostFile[] {
  const commands: Record<string, { image: string; command: string[] }> = {
    etcd: {
      image: 'k8s.gcr.io/etcd:3.4.13-0',
      command: [
        'etcd',
        `--advertise-client-urls=https://${address}:2379`,
        '--data-dir=/var/lib/etcd',
        `--listen-client-urls=https://127.0.0.1:2379,https://${address}:2379`,
      ],
    },
    'kube-apiserver': {
      image: 'k8s.gcr.io/kube-apiserver:v1.20.2',
      command: [
        'kube-apiserver',
        `--advertise-address=${address}`,
        '--authorization-mode=Node,RBAC',
        '--client-ca-file=/etc/kubernetes/pki/ca.crt',
        '--etcd-servers=https://127.0.0.1:2379',
        '--secure-port=6443',
        '--service-cluster-ip-range=10.96.0.0/12',
      ],
    },
    'kube-controller-manager': {
      image: 'k8s.gcr.io/kube-controller-manager:v1.20.2',
      command: [
        'kube-controller-manager',
        '--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
        '--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
        '--bind-address=127.0.0.1',
        '--client-ca-file=/etc/kubernetes/pki/ca.crt',
        '--cluster-name=kubernetes',
        '--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt',
        '--cluster-signing-key-file=/etc/kubernetes/pki/ca.key',
        '--controllers=*,bootstrapsigner,tokencleaner',
        '--kubeconfig=/etc/kubernetes/controller-manager.conf',
        '--leader-elect=true',
        '--port=0',
        '--requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt',
        '--root-ca-file=/etc/kubernetes/pki/ca.crt',
        '--service-account-private-key-file=/etc/kubernetes/pki/sa.key',
        '--use-service-account-credentials=true',
      ],
    },
    'kube-scheduler': {
      image: 'k8s.gcr.io/kube-scheduler:v1.20.2',
      command: [
        'kube-scheduler',
        '--bind-address=127.0.0.1',
        '--kubeconfig=/etc/kubernetes/scheduler.conf',
        '--leader-elect=true',
        '--port=0',
      ],
    },
  }
  return [
    ...Object.entries(commands).map(([name, { image, command }]) => ({
      path: `/etc/kubernetes/manifests/${name}.yaml`,
      mode: '0600',
      text: manifest(name, image, command),
    })),
    { path: '/etc/kubernetes/pki/ca.key', mode: '0600', text: key },
    { path: '/etc/kubernetes/pki/sa.key', mode: '0600', text: key },
  ]
}

function manifest(name: string, image: string, command: readonly string[]): string {
  return `apiVersion: v1
kind: Pod
metadata:
  creationTimestamp: null
  labels:
    component: ${name}
    tier: control-plane
  name: ${name}
  namespace: kube-system
spec:
  containers:
  - command:
${command.map((word) => `    - ${word}`).join('\n')}
    image: ${image}
    imagePullPolicy: IfNotPresent
    name: ${name}
    volumeMounts:
    - mountPath: /etc/kubernetes/pki
      name: k8s-certs
      readOnly: true
  hostNetwork: true
  priorityClassName: system-node-critical
  volumes:
  - hostPath:
      path: /etc/kubernetes/pki
      type: DirectoryOrCreate
    name: k8s-certs
status: {}
`
}
