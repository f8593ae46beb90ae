import { YurtSshError } from '../errors.js'
import { apiError } from './api-errors.js'
import { apiPath, openDiscovery, type Resource } from './discovery.js'
import { type KubeconfigOptions, openKubeconfig } from './kubeconfig.js'
import { type ApiRequest, openTransport, type TransportOptions } from './transport.js'
import {
  type Cluster,
  type KubeObject,
  type ObjectRef,
  type PatchKind,
  type RequestOptions,
  refOf,
  refText,
} from './types.js'

const patchTypes: Record<PatchKind, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}
const pageSize = 500

/**
 * The cluster that a kubeconfig names; nothing is sent before the first call.
 * @throws YurtSshError KUBECONFIG_INVALID
 */
export async function openCluster(options: KubeconfigOptions & TransportOptions = {}): Promise<Cluster> {
  const access = await openKubeconfig(options)
  const transport = openTransport(access, options)

  async function ask(what: string, request: ApiRequest): Promise<string> {
    const answer = await transport.send(request)
    if (answer.status < 200 || answer.status > 299) throw apiError(what, answer)
    return answer.text
  }

  /** GETs JSON; null on 404. */
  async function read(
    what: string,
    path: string,
    options: RequestOptions & { anonymous?: boolean } = {},
  ): Promise<unknown> {
    const answer = await transport.send({ ...options, method: 'GET', path })
    if (answer.status === 404) return null
    if (answer.status !== 200) throw apiError(what, answer)
    return JSON.parse(answer.text)
  }

  const discovery = openDiscovery((path, options) => read(`get ${path}`, path, options))

  async function resourceOf(apiVersion: string, kind: string): Promise<Resource> {
    const resource = await discovery.find(apiVersion, kind)
    if (resource !== null) return resource
    throw new YurtSshError('API_NOT_FOUND', `the API server has no kind ${kind} in ${apiVersion}`)
  }

  async function objectPath(ref: ObjectRef): Promise<string> {
    const resource = await resourceOf(ref.apiVersion, ref.kind)
    return `${collection(ref.apiVersion, resource, ref.namespace)}/${encodeURIComponent(ref.name)}`
  }

  async function get(
    ref: ObjectRef,
    options: RequestOptions & { anonymous?: boolean },
  ): Promise<KubeObject | null> {
    if ((await discovery.find(ref.apiVersion, ref.kind)) === null) return null
    return (await read(`get ${refText(ref)}`, await objectPath(ref), options)) as KubeObject | null
  }

  return {
    server: access.server,
    close: transport.close,
    apiVersions: (options) => discovery.apiVersions(options),
    async version(options) {
      const { gitVersion } = JSON.parse(
        await ask('get the version', { ...options, method: 'GET', path: '/version' }),
      ) as { gitVersion: string }
      return gitVersion
    },
    get: (ref, options = {}) => get(ref, options),
    getAnonymously: (ref, options = {}) => get(ref, { ...options, anonymous: true }),
    async list(apiVersion, kind, options = {}) {
      const { namespace, labelSelector, fieldSelector, ...request } = options
      const path = collection(apiVersion, await resourceOf(apiVersion, kind), namespace)
      const found: KubeObject[] = []
      for (let token: string | undefined = ''; token !== undefined; ) {
        const query = queryText({
          limit: pageSize,
          labelSelector,
          fieldSelector,
          continue: token || undefined,
        })
        const page = JSON.parse(
          await ask(`list ${kind}`, { ...request, method: 'GET', path: path + query }),
        ) as Page
        found.push(...page.items.map((item) => ({ ...item, apiVersion, kind })))
        token = page.metadata?.continue || undefined
      }
      return found
    },
    async create(object, { dryRun, ...options } = {}) {
      const ref = refOf(object)
      const resource = await resourceOf(ref.apiVersion, ref.kind)
      const path = collection(ref.apiVersion, resource, ref.namespace) + writeQuery(dryRun)
      return JSON.parse(
        await ask(`create ${refText(ref)}`, { ...options, method: 'POST', path, body: object }),
      ) as KubeObject
    },
    async patch(ref, body, kind, { dryRun, ...options } = {}) {
      const request = {
        ...options,
        method: 'PATCH',
        path: (await objectPath(ref)) + writeQuery(dryRun),
        body,
        contentType: patchTypes[kind],
      } as const
      return JSON.parse(await ask(`patch ${refText(ref)}`, request)) as KubeObject
    },
    async delete(ref, options = {}) {
      const { propagation = 'Background', uid, resourceVersion, ...request } = options
      const preconditions = {
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      }
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: propagation, preconditions }
      await ask(`delete ${refText(ref)}`, { ...request, method: 'DELETE', path: await objectPath(ref), body })
    },
    async podLog(namespace, pod, options = {}) {
      const { container, tailLines, previous, ...request } = options
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log${queryText({ container, tailLines, previous })}`
      return ask(`get the log of pod ${namespace}/${pod}`, { ...request, method: 'GET', path })
    },
  }
}

interface Page {
  items: KubeObject[]
  metadata?: { continue?: string }
}

/** Names us in managedFields: `kubectl get --show-managed-fields` then tells who wrote what. */
function writeQuery(dryRun = false): string {
  return `?fieldManager=yurt-ssh${dryRun ? '&dryRun=All' : ''}`
}

function collection(apiVersion: string, resource: Resource, namespace: string | undefined): string {
  const scope =
    resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${apiPath(apiVersion)}${scope}/${resource.name}`
}

function queryText(values: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}
