export type Subresource = 'status' | 'log' | 'approval'

/** A kind in one group and version. */
export interface Resource {
  /** '' for the core group. */
  group: string
  version: string
  kind: string
  plural: string
  namespaced: boolean
  subresources: readonly Subresource[]
  /** Of a CustomResourceDefinition. */
  custom: boolean
}

/** A version of a group, and the Kubernetes minors that serve it. */
type Served = [version: string, since: number, until: number]
type Kind = [kind: string, plural: string, scope: 'cluster' | 'namespaced', ...subresources: Subresource[]]

const always: Served[] = [['v1', 0, Number.POSITIVE_INFINITY]]
/** v1beta1 of these went with 1.22. */
const stableSince = (minor: number): Served[] => [
  ['v1', minor, Number.POSITIVE_INFINITY],
  ['v1beta1', 0, 22],
]

const groups: Record<string, { versions: Served[]; kinds: Kind[] }> = {
  '': {
    versions: always,
    kinds: [
      ['Namespace', 'namespaces', 'cluster', 'status'],
      ['Node', 'nodes', 'cluster', 'status'],
      ['Pod', 'pods', 'namespaced', 'status', 'log'],
      ['Event', 'events', 'namespaced'],
      ['Secret', 'secrets', 'namespaced'],
      ['ConfigMap', 'configmaps', 'namespaced'],
      ['Service', 'services', 'namespaced', 'status'],
      ['Endpoints', 'endpoints', 'namespaced'],
      ['ServiceAccount', 'serviceaccounts', 'namespaced'],
      ['ResourceQuota', 'resourcequotas', 'namespaced', 'status'],
    ],
  },
  apps: {
    versions: always,
    kinds: [
      ['Deployment', 'deployments', 'namespaced', 'status'],
      ['ReplicaSet', 'replicasets', 'namespaced', 'status'],
      ['DaemonSet', 'daemonsets', 'namespaced', 'status'],
      ['StatefulSet', 'statefulsets', 'namespaced', 'status'],
    ],
  },
  batch: { versions: always, kinds: [['Job', 'jobs', 'namespaced', 'status']] },
  'coordination.k8s.io': { versions: always, kinds: [['Lease', 'leases', 'namespaced']] },
  'rbac.authorization.k8s.io': {
    versions: always,
    kinds: [
      ['ClusterRole', 'clusterroles', 'cluster'],
      ['ClusterRoleBinding', 'clusterrolebindings', 'cluster'],
      ['Role', 'roles', 'namespaced'],
      ['RoleBinding', 'rolebindings', 'namespaced'],
    ],
  },
  'certificates.k8s.io': {
    versions: stableSince(19),
    kinds: [['CertificateSigningRequest', 'certificatesigningrequests', 'cluster', 'status', 'approval']],
  },
  'apiextensions.k8s.io': {
    versions: stableSince(16),
    kinds: [['CustomResourceDefinition', 'customresourcedefinitions', 'cluster', 'status']],
  },
  'admissionregistration.k8s.io': {
    versions: stableSince(16),
    kinds: [
      ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', 'cluster'],
      ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'cluster'],
    ],
  },
}

/** What a server of this version (such as v1.20.2) has by itself. */
export function builtInResources(gitVersion: string): Resource[] {
  const minor = Number(/^v?\d+\.(\d+)/.exec(gitVersion)?.[1] ?? Number.NaN)
  return Object.entries(groups).flatMap(([group, { versions, kinds }]) =>
    versions
      .filter(([, since, until]) => minor >= since && minor < until)
      .flatMap(([version]) =>
        kinds.map(([kind, plural, scope, ...subresources]) => ({
          group,
          version,
          kind,
          plural,
          namespaced: scope === 'namespaced',
          subresources,
          custom: false,
        })),
      ),
  )
}

/** `v1`, `apps/v1` … */
export function apiVersionOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}
