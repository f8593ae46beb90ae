import { renderDocuments, renderObjects } from './manifests.js'
import type { KubeObject } from './types.js'

interface CustomKind {
  kind: string
  plural: string
  singular: string
  shortName: string
  scope: 'Cluster' | 'Namespaced'
  category: string
  columns: { name: string; type: string; path: string }[]
}

const kinds: CustomKind[] = [
  {
    kind: 'NodePool',
    plural: 'nodepools',
    singular: 'nodepool',
    shortName: 'np',
    scope: 'Cluster',
    category: 'all',
    columns: [
      { name: 'Type', type: 'string', path: '.spec.type' },
      { name: 'ReadyNodes', type: 'integer', path: '.status.readyNodeNum' },
      { name: 'NotReadyNodes', type: 'integer', path: '.status.unreadyNodeNum' },
      { name: 'Age', type: 'date', path: '.metadata.creationTimestamp' },
    ],
  },
  {
    kind: 'UnitedDeployment',
    plural: 'uniteddeployments',
    singular: 'uniteddeployment',
    shortName: 'ud',
    scope: 'Namespaced',
    category: '',
    columns: [
      { name: 'Ready', type: 'integer', path: '.status.readyReplicas' },
      { name: 'WorkloadTemplate', type: 'string', path: '.status.templateType' },
      { name: 'Age', type: 'date', path: '.metadata.creationTimestamp' },
    ],
  },
]

export interface AppManagerOptions {
  image: string
  /** '' for any. */
  arch: string
  apiVersions: readonly string[]
}

/**
 * yurt-app-manager: its kinds first, its webhooks last. With failurePolicy Fail nothing of these kinds can be written
 * while nobody answers, so that a revert, in reverse order, takes the webhooks away before the manager.
 */
export function appManagerObjects(
  release: string,
  { image, arch, apiVersions }: AppManagerOptions,
): KubeObject[] {
  const crdV1 = apiVersions.includes('apiextensions.k8s.io/v1')
  const webhookVersion = apiVersions.includes('admissionregistration.k8s.io/v1') ? 'v1' : 'v1beta1'
  return [
    ...kinds.flatMap((kind) => definition(release, kind, crdV1)),
    ...renderObjects(`${release}/yurt-app-manager`, { image, arch }),
    ...renderObjects(`${release}/yurt-app-webhooks`, {
      configurations: [
        { ...configuration('Mutating', ['CREATE, UPDATE', 'CREATE, UPDATE']), version: webhookVersion },
        {
          ...configuration('Validating', ['CREATE, UPDATE, DELETE', 'CREATE, UPDATE']),
          version: webhookVersion,
        },
      ],
    }),
  ]
}

function definition(release: string, kind: CustomKind, v1: boolean): KubeObject[] {
  const [schema] = renderDocuments(`${release}/${kind.plural}-schema`, {})
  // JSON is YAML: the schema stands on one line, at whatever depth the version wants it.
  return renderObjects(`${release}/crd`, { ...kind, v1, schema: JSON.stringify(schema) })
}

function configuration(type: 'Mutating' | 'Validating', operations: [string, string]) {
  const verb = type === 'Mutating' ? 'mutate' : 'validate'
  return {
    kind: `${type}WebhookConfiguration`,
    name: `yurt-app-${type.toLowerCase()}-webhook-configuration`,
    webhooks: kinds.map(({ plural, singular }, index) => ({
      name: `${verb.charAt(0)}${singular}.kb.io`,
      path: `/${verb}-apps-openyurt-io-v1alpha1-${singular}`,
      operations: operations[index] ?? '',
      resource: plural,
    })),
  }
}
