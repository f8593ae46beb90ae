import type { KubeObject } from '../../cluster/types.js'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const group = (name: string) => ({ kind: 'Group', name, apiGroup })
const bootstrappers = group('system:bootstrappers:kubeadm:default-node-token')

/** What lets a host without credentials read kube-public/cluster-info. */
export const clusterInfoAccess: KubeObject[] = [
  {
    apiVersion,
    kind: 'Role',
    metadata: { name: 'kubeadm:bootstrap-signer-clusterinfo', namespace: 'kube-public' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['cluster-info'], verbs: ['get'] }],
  },
  {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'kubeadm:bootstrap-signer-clusterinfo', namespace: 'kube-public' },
    roleRef: { apiGroup, kind: 'Role', name: 'kubeadm:bootstrap-signer-clusterinfo' },
    subjects: [{ kind: 'User', name: 'system:anonymous', apiGroup }],
  },
]

const certificates = (suffix: string) => [
  {
    apiGroups: ['certificates.k8s.io'],
    resources: [`certificatesigningrequests${suffix}`],
    verbs: suffix === '' ? ['create', 'get', 'list', 'watch'] : ['create'],
  },
]

function clusterRole(name: string, rules: object[]): KubeObject {
  return { apiVersion, kind: 'ClusterRole', metadata: { name }, rules }
}

function binding(name: string, role: string, subject: object): KubeObject {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [subject],
  }
}

/** Roles that the API server brings, and bindings that kubeadm makes for hosts that join. */
export const bootstrapAccess: KubeObject[] = [
  clusterRole('cluster-admin', [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]),
  clusterRole('system:node-bootstrapper', certificates('')),
  clusterRole(
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    certificates('/nodeclient'),
  ),
  clusterRole(
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    certificates('/selfnodeclient'),
  ),
  clusterRole('kubeadm:get-nodes', [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }]),
  binding('cluster-admin', 'cluster-admin', group('system:masters')),
  binding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', bootstrappers),
  binding(
    'kubeadm:node-autoapprove-bootstrap',
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    bootstrappers,
  ),
  binding(
    'kubeadm:node-autoapprove-certificate-rotation',
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    group('system:nodes'),
  ),
  binding('kubeadm:get-nodes', 'kubeadm:get-nodes', bootstrappers),
]
