import { customResources } from './custom.js'
import { noSuchPath } from './failure.js'
import { apiVersionOf, builtInResources, type Resource, type Subresource } from './kinds.js'
import type { Store } from './store.js'

/** What a path names. */
export interface Target {
  resource: Resource
  namespace?: string
  name?: string
  subresource?: Subresource
}

export interface Routes {
  resources(): Resource[]
  /** @throws ApiFailure 404 for a path that nothing serves */
  target(path: string): Target
}

/** The kinds that are served now, those of CustomResourceDefinitions among them. */
export function createRoutes(store: Store, gitVersion: string): Routes {
  const builtIn = builtInResources(gitVersion)
  let served: Resource[] | undefined = builtIn
  store.subscribe(({ object }) => {
    if (object.kind === 'CustomResourceDefinition') served = undefined
  })

  function resources(): Resource[] {
    const definitions = () =>
      [...store.objects.values()].filter(({ kind }) => kind === 'CustomResourceDefinition')
    served ??= [...builtIn, ...definitions().flatMap(customResources)]
    return served
  }

  return {
    resources,
    target(path) {
      const [, root, ...parts] = path.split('/').map(decodeURIComponent)
      const apiVersion =
        root === 'api' ? parts.shift() : root === 'apis' ? parts.splice(0, 2).join('/') : undefined
      const versioned = resources().filter((resource) => apiVersionOf(resource) === apiVersion)
      const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !isSubresource(parts[2])
      const namespace = inNamespace ? parts.splice(0, 2)[1] : undefined
      const [plural, name, subresource, ...rest] = parts
      const resource = versioned.find((candidate) => candidate.plural === plural)
      const known =
        resource !== undefined &&
        rest.length === 0 &&
        (namespace === undefined || resource.namespaced) &&
        (name === undefined || !resource.namespaced || namespace !== undefined) &&
        (subresource === undefined || resource.subresources.some((entry) => entry === subresource))
      if (!known) throw noSuchPath()
      return {
        resource,
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
        ...(subresource === undefined ? {} : { subresource: subresource as Subresource }),
      }
    },
  }
}

/** `/namespaces/NAME/status` is about the Namespace itself. */
function isSubresource(part: string | undefined): boolean {
  return part === 'status' || part === 'finalize'
}

/** The key of an object of this resource in the store. */
export function storeKey({ resource, namespace, name }: Target): string {
  return [resource.group === '' ? 'core' : resource.group, resource.kind, namespace ?? '', name ?? ''].join(
    '/',
  )
}
