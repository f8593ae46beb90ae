import type { CustomKind, CustomKinds } from '../releases/types.js'
import { renderDocuments, renderObjects } from './manifests.js'
import type { KubeObject } from './types.js'

/** The definitions of a component's kinds, in the version of them that the server has. */
export function definitionObjects(
  release: string,
  { kinds }: CustomKinds,
  apiVersions: readonly string[],
): KubeObject[] {
  const v1 = apiVersions.includes('apiextensions.k8s.io/v1')
  return kinds.flatMap(({ operations: _, ...kind }) => {
    const [schema] = renderDocuments(`${release}/${kind.plural}-schema`, {})
    // JSON is YAML: the schema stands on one line, at whatever depth the version wants it.
    return renderObjects(`${release}/crd`, { ...kind, v1, schema: JSON.stringify(schema) })
  })
}

/** The webhooks that are asked about objects of a component's kinds. */
export function webhookObjects(
  release: string,
  kinds: CustomKinds,
  apiVersions: readonly string[],
): KubeObject[] {
  const version = apiVersions.includes('admissionregistration.k8s.io/v1') ? 'v1' : 'v1beta1'
  return renderObjects(`${release}/${kinds.webhooks.template}`, {
    configurations: [
      { ...configuration(kinds, 'Mutating'), version },
      { ...configuration(kinds, 'Validating'), version },
    ],
  })
}

function configuration({ group, version, webhooks, kinds }: CustomKinds, type: 'Mutating' | 'Validating') {
  const verb = type === 'Mutating' ? 'mutate' : 'validate'
  const when = (kind: CustomKind): string =>
    type === 'Mutating' ? kind.operations.mutating : kind.operations.validating
  return {
    kind: `${type}WebhookConfiguration`,
    name: `${webhooks.prefix}-${type.toLowerCase()}-webhook-configuration`,
    webhooks: kinds.map((kind) => ({
      name: `${verb.charAt(0)}${kind.singular}.kb.io`,
      path: `/${verb}-${group.replaceAll('.', '-')}-${version}-${kind.singular}`,
      operations: when(kind),
      resource: kind.plural,
    })),
  }
}
