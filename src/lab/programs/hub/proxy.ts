import type { ApiRequest, ApiResponse, ProgramContext } from '../../types.js'
import { type HubCache, isKept } from './cache.js'
import type { Heartbeat } from './heartbeat.js'
import type { HubOptions } from './options.js'
import { type RequestInfo, requestInfo } from './request-info.js'
import type { Traffic } from './traffic.js'

export interface ProxyParts {
  /** Edge mode only. */
  edge: { heartbeat: Heartbeat; cache: HubCache; traffic: Traffic } | undefined
}

/** Answers what clients on the node ask the API server for. */
export function createProxy(context: ProgramContext, options: HubOptions, { edge }: ProxyParts) {
  async function forward(request: ApiRequest, info: RequestInfo | undefined): Promise<ApiResponse> {
    let answer: ApiResponse
    try {
      // the hub asks with its own certificate, whoever it is that came to its port
      answer = await context.send({ ...request, user: `system:node:${options.node}` })
    } catch (error) {
      return failure(502, 'BadGateway', error instanceof Error ? error.message : String(error))
    }
    if (info === undefined) return answer
    edge?.cache.keep(info, answer)
    edge?.traffic.count(info.component, answer.body.length)
    return rewritten(info, answer, options)
  }

  return async (request: ApiRequest): Promise<ApiResponse> => {
    const info = requestInfo(request)
    const answer = await route(request, info)
    context.log(
      `I client=${info?.component ?? ''} verb=${info?.verb ?? request.method} resource=${info?.resource ?? ''} status=${answer.status}`,
    )
    return answer
  }

  async function route(request: ApiRequest, info: RequestInfo | undefined): Promise<ApiResponse> {
    if (edge === undefined) return forward(request, info)
    if (info?.component === 'kubelet' && info.resource === 'leases') {
      edge.heartbeat.kubeletSeen()
      return localLease(request, edge.heartbeat)
    }
    if (edge.heartbeat.healthy) return forward(request, info)
    return offline(request, info, edge.cache)
  }
}

function localLease(request: ApiRequest, { lease }: Heartbeat): ApiResponse {
  if (request.method !== 'GET')
    return { status: request.method === 'POST' ? 201 : 200, body: request.body ?? '' }
  if (lease === undefined) return failure(404, 'NotFound', 'the Lease is not in the cache')
  return { status: 200, body: JSON.stringify(lease) }
}

/** While no API server is healthy: from the cache, or as the real hub refuses. */
function offline(request: ApiRequest, info: RequestInfo | undefined, cache: HubCache): ApiResponse {
  if (info === undefined) return failure(400, 'BadRequest', 'the API is away and this cannot be cached')
  if (info.verb === 'create') return { status: 201, body: request.body ?? '' }
  if (info.verb === 'delete') return failure(403, 'Forbidden', 'nothing can be deleted while the API is away')
  if (!isKept(info)) return failure(400, 'BadRequest', 'answers to this client are not cached')
  return cache.answer(info) ?? failure(404, 'NotFound', `${info.resource} "${info.name}" is not in the cache`)
}

interface Service {
  metadata: { name: string; namespace: string }
  spec: { clusterIP: string; ports: { name?: string; port: number }[] }
}

/** The kubernetes Service in the kubelet's lists gets the hub's secure port, so that pods go through the hub. */
function rewritten(info: RequestInfo, answer: ApiResponse, { flags, servers }: HubOptions): ApiResponse {
  const off = String(flags['disabled-resource-filters']).split(',')
  const filtered = flags['enable-resource-filter'] && !off.includes('*') && !off.includes('masterservice')
  if (!filtered || info.component !== 'kubelet' || info.resource !== 'services' || info.verb !== 'list')
    return answer
  if (answer.status !== 200) return answer
  const list = JSON.parse(answer.body) as { items: Service[] }
  const own = list.items.find(
    ({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes',
  )
  if (own === undefined) return answer
  const direct = new URL(servers[0] ?? '')
  const through = flags['access-server-through-hub']
  own.spec.clusterIP = through
    ? String(flags['enable-dummy-if'] ? flags['dummy-if-ip'] : flags['bind-address'])
    : direct.hostname
  const https = own.spec.ports.find(({ name }) => name === 'https')
  if (https !== undefined)
    https.port = through ? Number(flags['proxy-secure-port']) : Number(direct.port || 443)
  return { ...answer, body: JSON.stringify(list) }
}

function failure(code: number, reason: string, message: string): ApiResponse {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
  return { status: code, body: JSON.stringify(status) }
}
