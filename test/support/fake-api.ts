import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openCluster } from '../../src/cluster/client.js'
import type { Cluster, KubeObject } from '../../src/cluster/types.js'
import type { ApiObject } from '../../src/lab/api/object.js'
import { createApi, kubeconfigText } from '../../src/lab/api/server.js'
import { createClock } from '../../src/lab/clock.js'
import { clusterInfoAccess } from '../../src/lab/cluster/rbac-seed.js'

/** The embedded lab's API with hands in it: objects from nowhere, other writers, answers made up. No controllers. */
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
  /** Answers a request before the API sees it; undefined lets it pass. */
  intercept(handler: (request: http.IncomingMessage) => Reply | 'drop' | 'hang' | undefined): void
  logs: Map<string, string>
  close(): Promise<void>
}

export interface Reply {
  status: number
  body: unknown
}

const fakeToken = 'not-a-secret'

/** Starts it on a free port; `retrySeconds` is the client's. */
export async function fakeApi(options: { retrySeconds?: number } = {}): Promise<FakeApi> {
  const logs = new Map<string, string>()
  const requests: string[] = []
  let before: Parameters<FakeApi['intercept']>[0] = () => undefined
  const api = createApi({
    clock: createClock(),
    token: fakeToken,
    objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } }, ...clusterInfoAccess],
    readLog: ({ pod }) => logs.get(pod) ?? '',
  })

  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const early = before(request)
    if (early === undefined) return api.listener(request, response)
    if (early === 'hang') return
    if (early === 'drop') return request.socket.destroy()
    request.resume()
    response.writeHead(early.status, { 'content-type': 'application/json' })
    response.end(typeof early.body === 'string' ? early.body : JSON.stringify(early.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(path.join(tmpdir(), 'yurt-ssh-api-'))
  const kubeconfig = path.join(folder, 'config')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeFile(kubeconfig, kubeconfigText(url, fakeToken))
  const cluster = await openCluster({ kubeconfig, retrySeconds: options.retrySeconds ?? 0 })
  return {
    cluster,
    kubeconfig,
    objects: api.store.objects as Map<string, KubeObject>,
    requests,
    logs,
    put: api.put,
    touch(key, change) {
      const object = structuredClone(api.store.get(key))
      if (object === undefined) throw new Error(`the API has no ${key}`)
      change(object)
      api.store.write(object as ApiObject)
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
