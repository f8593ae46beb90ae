import { noSuchPath } from './failure.js'
import { apiVersionOf, type Resource } from './kinds.js'
import type { JsonRecord } from './object.js'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** The answer to a path of discovery; undefined when the path is none. @throws ApiFailure 404 for an unknown group */
export function discovery(path: string, resources: readonly Resource[]): JsonRecord | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  const members = (name: string) => resources.filter(({ group }) => group === name)
  const groupOf = (name: string): JsonRecord => {
    const versions = [...new Set(members(name).map(apiVersionOf))].map((groupVersion) => ({
      groupVersion,
      version: groupVersion.split('/')[1] ?? '',
    }))
    return { name, versions, preferredVersion: versions[0] ?? {} }
  }
  if (path === '/apis') {
    const names = new Set(resources.map(({ group }) => group).filter((group) => group !== ''))
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...names].map(groupOf) }
  }
  const [, root, first = '', second, ...rest] = path.split('/')
  if (rest.length > 0 || (root === 'api' ? second !== undefined : root !== 'apis')) return undefined
  if (root === 'apis' && second === undefined) {
    if (members(first).length === 0) throw noSuchPath()
    return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(first) }
  }
  const groupVersion = root === 'api' ? first : `${first}/${second}`
  const served = resources.filter((resource) => apiVersionOf(resource) === groupVersion)
  if (served.length === 0) throw noSuchPath()
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: served.flatMap(entries) }
}

function entries({ kind, plural, namespaced, subresources }: Resource): JsonRecord[] {
  const singularName = kind.toLowerCase()
  return [
    { name: plural, singularName, namespaced, kind, verbs },
    ...subresources.map((subresource) => ({
      name: `${plural}/${subresource}`,
      singularName: '',
      namespaced,
      kind,
      verbs: ['get', 'patch', 'update'],
    })),
  ]
}
