import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openCluster } from '../../src/cluster/client.js'
import { type Cluster, type KubeObject, refKey } from '../../src/cluster/types.js'

/**
 * A stand-in for the Kubernetes API server: stores objects and nothing else. No validation, no defaults, no
 * controllers, no authorisation.
 */
export interface FakeApi {
  cluster: Cluster
  kubeconfig: string
  /** Live objects by refKey. */
  objects: Map<string, KubeObject>
  /** `METHOD path` of every request, discovery included. */
  requests: string[]
  /** Adds objects as if someone else had created them. */
  put(...objects: KubeObject[]): void
  /** Changes an object as another client would: its resourceVersion moves on. */
  touch(key: string, change: (object: KubeObject) => void): void
  /** Answers a request before the store sees it; undefined lets it pass. */
  intercept(handler: (request: http.IncomingMessage) => Reply | 'drop' | 'hang' | undefined): void
  logs: Map<string, string>
  close(): Promise<void>
}

export interface Reply {
  status: number
  body: unknown
}

const kinds: Record<string, [kind: string, plural: string, namespaced: boolean][]> = {
  v1: [
    ['Node', 'nodes', false],
    ['Pod', 'pods', true],
    ['Event', 'events', true],
    ['Secret', 'secrets', true],
    ['ConfigMap', 'configmaps', true],
    ['Service', 'services', true],
    ['ServiceAccount', 'serviceaccounts', true],
  ],
  'apps/v1': [
    ['Deployment', 'deployments', true],
    ['DaemonSet', 'daemonsets', true],
  ],
  'batch/v1': [['Job', 'jobs', true]],
  'coordination.k8s.io/v1': [['Lease', 'leases', true]],
  'rbac.authorization.k8s.io/v1': [
    ['ClusterRole', 'clusterroles', false],
    ['ClusterRoleBinding', 'clusterrolebindings', false],
    ['Role', 'roles', true],
    ['RoleBinding', 'rolebindings', true],
  ],
}

/** Starts the stand-in on a free port; `retrySeconds` is the client's. */
export async function fakeApi(options: { retrySeconds?: number } = {}): Promise<FakeApi> {
  const objects = new Map<string, KubeObject>()
  const logs = new Map<string, string>()
  const requests: string[] = []
  let version = 0
  let before: Parameters<FakeApi['intercept']>[0] = () => undefined

  function store(object: KubeObject): KubeObject {
    const metadata = { creationTimestamp: new Date().toISOString(), uid: randomUUID(), ...object.metadata }
    const stored = structuredClone({
      ...object,
      metadata: { ...metadata, resourceVersion: String(++version) },
    })
    objects.set(refKey({ ...stored, ...stored.metadata }), stored)
    return stored
  }

  const server = http.createServer((request, response) => {
    void body(request).then((text) => {
      requests.push(`${request.method} ${request.url}`)
      const early = before(request)
      if (early === 'hang') return
      if (early === 'drop') return request.socket.destroy()
      const { status, body: answer } = early ?? handle(request, text)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })

  function handle(request: http.IncomingMessage, text: string): Reply {
    const url = new URL(request.url ?? '/', 'http://api')
    if (url.pathname === '/version') return ok({ gitVersion: 'v1.20.2' })
    if (url.pathname === '/api') return ok({ versions: ['v1'] })
    if (url.pathname === '/apis') {
      const groups = Object.keys(kinds).filter((groupVersion) => groupVersion !== 'v1')
      return ok({ groups: groups.map((groupVersion) => ({ versions: [{ groupVersion }] })) })
    }
    const match =
      /^\/(?:api|apis)\/(v1|[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?(\/log)?$/.exec(
        url.pathname,
      )
    const [, apiVersion = '', namespace, plural, name, log] = match ?? []
    const served = kinds[apiVersion]
    if (served === undefined)
      return failure(404, 'NotFound', 'the server could not find the requested resource')
    if (plural === undefined) {
      return ok({
        resources: served.map(([kind, plural, namespaced]) => ({ kind, name: plural, namespaced })),
      })
    }
    const kind = served.find((entry) => entry[1] === plural)?.[0]
    if (kind === undefined)
      return failure(404, 'NotFound', 'the server could not find the requested resource')
    if (log) return { status: 200, body: logs.get(name ?? '') ?? '' }
    if (request.method === 'POST') return create(JSON.parse(text) as KubeObject)
    if (name === undefined) return ok({ items: select(kind, namespace, url.searchParams) })
    const live = objects.get(refKey({ apiVersion, kind, name, ...(namespace ? { namespace } : {}) }))
    if (live === undefined) return failure(404, 'NotFound', `${plural} "${name}" not found`)
    if (request.method === 'PATCH')
      return patch(live, JSON.parse(text), request.headers['content-type'] ?? '')
    if (request.method === 'DELETE') return remove(live, text === '' ? {} : (JSON.parse(text) as Deletion))
    return ok(live)
  }

  function create(object: KubeObject): Reply {
    if (objects.has(refKey({ ...object, ...object.metadata }))) {
      return failure(409, 'AlreadyExists', `${object.kind} "${object.metadata.name}" already exists`)
    }
    return { status: 201, body: store(object) }
  }

  function select(kind: string, namespace: string | undefined, query: URLSearchParams): KubeObject[] {
    const labels = (query.get('labelSelector') ?? '').split(',').filter((part) => part !== '')
    const fields = (query.get('fieldSelector') ?? '').split(',').filter((part) => part !== '')
    return [...objects.values()].filter(
      (object) =>
        object.kind === kind &&
        (namespace === undefined || object.metadata.namespace === namespace) &&
        labels.every((part) => hasLabel(object, part)) &&
        fields.every((part) => field(object, part.split('=')[0] ?? '') === part.split('=')[1]),
    )
  }

  function patch(live: KubeObject, change: unknown, type: string): Reply {
    if (type === 'application/json-patch+json')
      return failure(415, 'UnsupportedMediaType', 'the stand-in knows merge patches')
    const wanted = (change as Partial<KubeObject>).metadata
    const stale = (key: 'resourceVersion' | 'uid') =>
      wanted?.[key] !== undefined && wanted[key] !== live.metadata[key]
    if (stale('resourceVersion') || stale('uid'))
      return failure(409, 'Conflict', 'the object has been modified')
    return ok(store(merge(live, change) as KubeObject))
  }

  function remove(live: KubeObject, deletion: Deletion): Reply {
    const { uid, resourceVersion } = deletion.preconditions ?? {}
    const same =
      (uid ?? live.metadata.uid) === live.metadata.uid &&
      (resourceVersion ?? live.metadata.resourceVersion) === live.metadata.resourceVersion
    if (!same) return failure(409, 'Conflict', 'the precondition failed')
    objects.delete(refKey({ ...live, ...live.metadata }))
    return ok({ kind: 'Status', status: 'Success' })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(path.join(tmpdir(), 'yurt-ssh-api-'))
  const kubeconfig = path.join(folder, 'config')
  await writeFile(kubeconfig, kubeconfigText((server.address() as AddressInfo).port))
  const cluster = await openCluster({ kubeconfig, retrySeconds: options.retrySeconds ?? 0 })
  return {
    cluster,
    kubeconfig,
    objects,
    requests,
    logs,
    put: (...added) => added.forEach(store),
    touch(key, change) {
      const object = structuredClone(objects.get(key))
      if (object === undefined) throw new Error(`the stand-in has no ${key}`)
      change(object)
      store(object)
    },
    intercept: (handler) => {
      before = handler
    },
    async close() {
      cluster.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
}

interface Deletion {
  preconditions?: { uid?: string; resourceVersion?: string }
}

const ok = (body: unknown): Reply => ({ status: 200, body })

function failure(code: number, reason: string, message: string): Reply {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, reason, message } }
}

function hasLabel(object: KubeObject, part: string): boolean {
  const [key = '', value] = part.split('=')
  const actual = object.metadata.labels?.[key]
  return value === undefined ? actual !== undefined : actual === value
}

function field(object: unknown, dotted: string): unknown {
  return dotted
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object)
}

/** JSON merge patch, RFC 7386. */
function merge(target: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  const result: Record<string, unknown> = base
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key]
    else result[key] = merge(result[key], value)
  }
  return result
}

async function body(request: http.IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) text += String(piece)
  return text
}

function kubeconfigText(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    clusters: [
      { name: 'fake', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'fake', user: { token: 'not-a-secret' } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
  })
}
