import type { ApiRequest } from '../../types.js'

/** What a Kubernetes API request means. */
export interface RequestInfo {
  /** Of the user agent up to its first slash; whose answers are kept goes by it. */
  component: string
  verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete'
  apiVersion: string
  resource: string
  subresource: string
  namespace: string
  name: string
}

const verbs: Readonly<Record<string, RequestInfo['verb']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Undefined for a path that names no resource. */
export function requestInfo({ method, path, headers }: ApiRequest): RequestInfo | undefined {
  const { pathname } = new URL(path, 'http://hub')
  const [, apiVersion, rest] =
    /^\/(?:api|apis(?=\/[^/]+\/))\/([^/]+(?:\/v[^/]+)?)\/(.+)$/.exec(pathname) ?? []
  if (apiVersion === undefined || rest === undefined) return undefined
  const parts = rest.split('/')
  const namespaced = parts[0] === 'namespaces' && parts.length > 2
  const [resource = '', name = '', subresource = ''] = namespaced ? parts.slice(2) : parts
  return {
    component: (headers?.['user-agent'] ?? '').split('/')[0]?.toLowerCase() ?? '',
    verb: verbs[method] ?? (name === '' ? 'list' : 'get'),
    apiVersion,
    resource,
    subresource,
    namespace: namespaced ? (parts[1] ?? '') : '',
    name,
  }
}
