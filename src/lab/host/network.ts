import type { ApiRequest, ApiResponse, Send } from '../types.js'

/** What answers on a port of a host. */
export type Handler = (request: ApiRequest) => Promise<ApiResponse>

/** A host's view of the network: its own ports, the API server and image registries; nothing else, and no real one. */
export interface Network {
  /** @throws Error EADDRINUSE */
  listen(port: number, handler: Handler): () => void
  /**
   * Sends to the address that `base` names, such as `http://127.0.0.1:10261` or the API server's.
   * @throws Error ECONNREFUSED, ENOTFOUND, as a network does
   */
  send(base: string, request: ApiRequest): Promise<ApiResponse>
  /** Asks another handler for ports that nobody listens on. */
  fallback(handler: (port: number, request: ApiRequest) => Promise<ApiResponse> | undefined): void
}

export interface NetworkOptions {
  /** Addresses of the API server as hosts write them, such as `https://192.0.2.10:6443`. */
  apiServers: readonly string[]
  api: Send
  /** Whether image registries answer. */
  registries: () => boolean
}

export function createNetwork({ apiServers, api, registries }: NetworkOptions): Network {
  const ports = new Map<number, Handler>()
  let others: (port: number, request: ApiRequest) => Promise<ApiResponse> | undefined = () => undefined
  return {
    listen(port, handler) {
      if (ports.has(port))
        throw failure('EADDRINUSE', `listen tcp 127.0.0.1:${port}: bind: address already in use`)
      ports.set(port, handler)
      return () => ports.delete(port)
    },
    fallback(handler) {
      others = handler
    },
    async send(base, request) {
      const { hostname, port, protocol, origin } = new URL(base)
      if (apiServers.includes(origin)) return api(request)
      if (['127.0.0.1', 'localhost', '169.254.2.1'].includes(hostname)) {
        const number = Number(port || (protocol === 'https:' ? 443 : 80))
        const answer = ports.get(number)?.(request) ?? others(number, request)
        if (answer !== undefined) return answer
        throw failure('ECONNREFUSED', `connect to ${hostname} port ${number} failed: Connection refused`)
      }
      if (request.path.startsWith('/v2/') && registries()) return { status: 401, body: '{}' }
      throw failure('ENOTFOUND', `Could not resolve host: ${hostname}`)
    },
  }
}

export function failure(code: string, message: string): Error & { code: string } {
  return Object.assign(new Error(message), { code })
}
