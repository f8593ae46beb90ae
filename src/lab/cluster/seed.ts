import type { KubeObject } from '../../cluster/types.js'
import { bootstrapAccess, clusterInfoAccess } from './rbac-seed.js'

export interface SeedOptions {
  /** The address that hosts reach the API server at, such as https://cp-1:6443. */
  server: string
  /** The cluster's certificate authority, PEM. */
  certificateAuthority: string
}

const kubeSystem = (kind: string, name: string, fields: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'kube-system' },
  ...fields,
})

/** What kubeadm and the API server leave in a new cluster, as far as anyone here reads it. */
export function seedObjects({ server, certificateAuthority }: SeedOptions): KubeObject[] {
  const authority = Buffer.from(certificateAuthority).toString('base64')
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: '', cluster: { server, 'certificate-authority-data': authority } }],
    contexts: null,
    'current-context': '',
    preferences: {},
    users: null,
  }
  const clusterConfiguration = { apiVersion: 'kubeadm.k8s.io/v1beta2', kind: 'ClusterConfiguration' }
  return [
    ...clusterInfoAccess,
    ...bootstrapAccess,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: { kubeconfig: JSON.stringify(kubeconfig) },
    },
    kubeSystem('ConfigMap', 'kubeadm-config', {
      data: { ClusterConfiguration: JSON.stringify(clusterConfiguration) },
    }),
    ...['default', 'bootstrap-signer', 'token-cleaner'].map((name) => kubeSystem('ServiceAccount', name)),
    ...['default', 'kube-node-lease', 'kube-public'].map((namespace) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace },
    })),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: {
        clusterIP: '10.96.0.1',
        type: 'ClusterIP',
        ports: [{ name: 'https', port: 443, targetPort: 6443 }],
      },
    },
  ]
}
