import { randomBytes, randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type KubeObject, refKey, refOf } from '../../cluster/types.js'
import type { ApiHealth, ApiRequest, Clock, LabApi } from '../types.js'
import { withDefaults } from './defaults.js'
import { ApiFailure } from './failure.js'
import { type Answer, createHandler, type HandlerOptions } from './handler.js'
import { createListener } from './listener.js'
import { type ApiObject, timeText } from './object.js'
import { createRoutes } from './route.js'
import { createStore, type Store } from './store.js'

export interface ApiOptions {
  clock: Clock
  /** What is there at the start; kept as it is, but for uid, creationTimestamp and resourceVersion. */
  objects?: readonly KubeObject[]
  /** The administrator's bearer token; a random one when not given. */
  token?: string
  /** Such as v1.20.2, which it is when not given. */
  gitVersion?: string
  readLog?: HandlerOptions['readLog']
}

/** The API without its port: what `openApi` puts behind one. */
export interface ApiCore {
  readonly store: Store
  readonly token: string
  readonly send: LabApi['send']
  /** Answers HTTP requests. */
  readonly listener: http.RequestListener
  /** `METHOD path user` of the last requests, ten thousand at least. */
  readonly requests: string[]
  /** Stores objects as if they had been there: no checks, no owner. */
  put(...objects: KubeObject[]): void
  behave(health: ApiHealth): void
}

/** The lab's API server, with what tests and controllers of the lab see of its inside. */
export interface OpenApi extends LabApi, Pick<ApiCore, 'store' | 'requests' | 'put'> {}

/** Requests of the past: a lab may be up for days. */
const remembered = 10_000
const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** A Kubernetes API in memory: a stand-in for kube-apiserver and etcd. */
export function createApi(options: ApiOptions): ApiCore {
  const { clock, gitVersion = 'v1.20.2', token = randomBytes(16).toString('hex') } = options
  const store = createStore()
  const routes = createRoutes(store, gitVersion)
  const requests: string[] = []
  const readLog = options.readLog ?? (() => undefined)
  const handle = createHandler({ store, routes, clock, gitVersion, readLog })
  let health: ApiHealth = 'up'

  function put(...objects: KubeObject[]): void {
    for (const object of objects) {
      const live = store.get(refKey(refOf(object)))
      const { uid = randomUUID(), creationTimestamp = timeText(clock.now()) } = live?.metadata ?? {}
      const metadata = { uid, creationTimestamp, ...structuredClone(object.metadata) }
      store.write({ ...structuredClone(object), metadata } as ApiObject)
    }
  }

  /** What `behave` says stands between every request and its answer. */
  async function respond(request: ApiRequest): Promise<Answer> {
    requests.push(`${request.method} ${request.path} ${request.user}`)
    if (requests.length > 2 * remembered) requests.splice(0, remembered)
    if (health === 'slow') await clock.sleep(2000)
    if (health === 'gone') throw refused()
    if (health === 'failing') {
      const failure = new ApiFailure(500, 'InternalError', 'an error on the server: the lab says so')
      return { status: 500, body: failure.status() }
    }
    return handle(request)
  }

  for (const name of namespaces) {
    put(
      withDefaults(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } },
        '',
      ),
    )
  }
  put(...(options.objects ?? []))
  return {
    store,
    token,
    requests,
    put,
    listener: createListener(respond, token),
    async send(request) {
      const answer = await respond(request)
      if ('watch' in answer) {
        // A server may end a watch at any time: this one ends with what it has.
        const lines = answer.watch.begin.map((event) => `${JSON.stringify(event)}\n`)
        return { status: 200, body: lines.join('') }
      }
      const { status, body } = answer
      return { status, body: typeof body === 'string' ? body : JSON.stringify(body) }
    },
    behave(next) {
      health = next
    },
  }
}

/** Starts the API on a free port of 127.0.0.1. */
export async function openApi(options: ApiOptions): Promise<OpenApi> {
  const core = createApi(options)
  const server = http.createServer(core.listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const { send, store, requests, put } = core
  return {
    send,
    store,
    requests,
    put,
    url,
    kubeconfig: kubeconfigText(url, core.token),
    behave(health) {
      core.behave(health)
      if (health === 'gone' || health === 'failing') server.closeAllConnections()
      if (health === 'gone') server.close()
      else if (!server.listening) server.listen(port, '127.0.0.1')
    },
    async close() {
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A kubeconfig with one cluster and one user, as JSON, which is YAML. */
export function kubeconfigText(server: string, token: string): string {
  const name = 'lab'
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      // The client refuses plain http without it.
      clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
    },
    null,
    2,
  )
}

function refused(): Error {
  return Object.assign(new Error('connect ECONNREFUSED: the API server is gone'), { code: 'ECONNREFUSED' })
}
