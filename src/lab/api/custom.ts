import type { Resource } from './kinds.js'
import type { ApiObject } from './object.js'

interface Definition {
  group: string
  scope: 'Cluster' | 'Namespaced'
  names: { kind: string; plural: string }
  /** v1beta1 only: for all versions. */
  subresources?: { status?: object }
  version?: string
  versions?: { name: string; served: boolean; subresources?: { status?: object } }[]
}

/** The kinds that a CustomResourceDefinition, v1 or v1beta1, adds. */
export function customResources(definition: ApiObject): Resource[] {
  const { group, scope, names, subresources, version, versions } = definition.spec as Definition
  const listed = versions ?? [{ name: version ?? '', served: true }]
  return listed
    .filter(({ served }) => served)
    .map((served) => ({
      group,
      version: served.name,
      kind: names.kind,
      plural: names.plural,
      namespaced: scope === 'Namespaced',
      subresources: (served.subresources ?? subresources)?.status === undefined ? [] : ['status'],
      custom: true,
    }))
}
