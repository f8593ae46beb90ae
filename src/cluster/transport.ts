import { setMaxListeners } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { YurtSshError } from '../errors.js'
import type { Access } from './kubeconfig.js'
import type { RequestOptions } from './types.js'

export interface ApiRequest extends RequestOptions {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its query, such as `/api/v1/nodes?limit=500`. */
  path: string
  body?: unknown
  contentType?: string
  /** Sends no credentials. */
  anonymous?: boolean
}

export interface ApiAnswer {
  status: number
  text: string
}

export interface Transport {
  send(request: ApiRequest): Promise<ApiAnswer>
  close(): void
}

export interface TransportOptions {
  /** How long a GET is repeated while the API cannot be reached or is overloaded; 10 when not given. */
  retrySeconds?: number
}

const unzip = promisify(gunzip)
const credentialsSeconds = 60
const busy = new Set([429, 502, 503, 504])
/** Failures that do not pass by themselves: a certificate or a name that is wrong now is wrong in a second. */
const lasting = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ENOTFOUND|ERR_SSL|EPROTO)/

/**
 * Sends requests over kept connections. An answer of any status is a result; GETs are repeated on connection loss.
 * client-node has no timeout and sends every patch as json-patch, so that only its credentials are used.
 */
export function openTransport(access: Access, options: TransportOptions = {}): Transport {
  // A free connection is dropped well before servers and NAT do it: no request goes into a dead one.
  const pool = { keepAlive: true, timeout: 20_000, maxSockets: 32 }
  const agent = access.server.startsWith('http:') ? new http.Agent(pool) : new https.Agent(pool)
  let known: { request: https.RequestOptions; until: number } | undefined

  async function credentials(refresh: boolean): Promise<https.RequestOptions> {
    if (known === undefined || refresh || Date.now() > known.until) {
      known = {
        request: { agent, ...(await access.credentials(refresh)) },
        until: Date.now() + credentialsSeconds * 1000,
      }
    }
    return known.request
  }

  async function once(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await exchange(access, request, await credentials(false))
    if (answer.status !== 401 || request.anonymous) return answer
    return exchange(access, request, await credentials(true))
  }

  return {
    async send(request) {
      const deadline = Date.now() + (options.retrySeconds ?? 10) * 1000
      for (let pause = 250; ; pause = Math.min(pause * 2, 2000)) {
        const outcome = await once(request).catch((error: unknown) => error as Error)
        const again = request.method === 'GET' && Date.now() + pause < deadline && passing(outcome)
        if (!again && outcome instanceof Error) throw outcome
        if (!again) return outcome as ApiAnswer
        await sleep(pause, undefined, request.signal ? { signal: request.signal } : {}).catch(() => {
          throw interrupted(request)
        })
      }
    },
    close: () => agent.destroy(),
  }
}

function passing(outcome: ApiAnswer | Error): boolean {
  if (!(outcome instanceof Error)) return busy.has(outcome.status)
  if (!(outcome instanceof YurtSshError) || outcome.code !== 'API_UNREACHABLE') return false
  return !lasting.test((outcome.cause as NodeJS.ErrnoException | undefined)?.code ?? '')
}

function exchange(
  { server, proxy }: Access,
  request: ApiRequest,
  access: https.RequestOptions,
): Promise<ApiAnswer> {
  const seconds = request.timeoutSeconds ?? 15
  const url = server + request.path
  const body = request.body === undefined ? undefined : JSON.stringify(request.body)
  const headers = {
    ...(request.anonymous ? {} : access.headers),
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'yurt-ssh',
    ...(body === undefined
      ? {}
      : {
          'content-type': request.contentType ?? 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
  }
  const identity = request.anonymous
    ? { cert: undefined, key: undefined, pfx: undefined, auth: undefined }
    : {}
  const signal = request.signal ? { signal: request.signal } : {}
  // every request under way listens to the one signal of its run
  if (request.signal) setMaxListeners(0, request.signal)
  const send = server.startsWith('http:') ? http.request : https.request
  let timedOut = false
  let timer: NodeJS.Timeout | undefined
  return new Promise<ApiAnswer>((resolve, reject) => {
    const outgoing = send(
      url,
      { ...access, ...identity, method: request.method, headers, ...signal },
      (answer) => {
        collect(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject)
      },
    )
    // a timer and not a signal: two signals per request cost as much as all the rest of it
    timer = setTimeout(() => {
      timedOut = true
      const late = new Error('no answer in time')
      outgoing.destroy(late)
      // while a proxy still connects, destroy() is silent
      reject(late)
    }, seconds * 1000)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
    .catch((error: unknown) => {
      if (request.signal?.aborted) throw interrupted(request)
      if (timedOut) {
        throw new YurtSshError(
          'API_TIMEOUT',
          `the API server ${server} did not answer ${request.method} ${request.path.split('?')[0]} within ${seconds} s`,
          {
            hint: `is the link to it slow, or the API server overloaded?${through(proxy)}`,
          },
        )
      }
      throw unreachable(server, proxy, error)
    })
    .finally(() => clearTimeout(timer))
}

function collect(answer: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  return new Promise<Buffer>((resolve, reject) => {
    answer.on('data', (piece: Buffer) => pieces.push(piece))
    answer.on('end', () => resolve(Buffer.concat(pieces)))
    answer.on('error', reject)
  }).then(async (bytes) =>
    (answer.headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes).toString('utf8'),
  )
}

function unreachable(server: string, proxy: string | undefined, cause: unknown): YurtSshError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const tls = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)
  return new YurtSshError('API_UNREACHABLE', `cannot reach the API server ${server}: ${message || code}`, {
    hint: tls
      ? "its certificate does not match the kubeconfig's certificate-authority or the address used"
      : `check the address in the kubeconfig, the network, and that kube-apiserver runs${through(proxy)}`,
    cause,
  })
}

/** Proxies come from far away, such as a profile of the shell. */
function through(proxy: string | undefined): string {
  return proxy === undefined
    ? ''
    : `; the way goes through the proxy ${proxy} (proxy-url of the kubeconfig, $HTTPS_PROXY, $NO_PROXY)`
}

function interrupted(request: ApiRequest): YurtSshError {
  const reason: unknown = request.signal?.reason
  if (reason instanceof YurtSshError) return reason
  return new YurtSshError('INTERRUPTED', `interrupted during ${request.method} ${request.path.split('?')[0]}`)
}
