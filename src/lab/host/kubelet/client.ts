import type { ApiResponse } from '../../types.js'
import type { Network } from '../network.js'
import type { Sockets } from '../sockets.js'

/** The kubelet's link to the API server that its kubeconfig names. */
export interface KubeletClient {
  /** @throws Error as the network does */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiResponse>
  /** The parsed body of a GET; undefined when it is not 200. */
  read<T>(path: string): Promise<T | undefined>
}

/** A kubelet keeps one connection while its requests get through, and none to a server that refuses. */
export function createKubeletClient(
  { server, user, pid }: { server: string; user: string; pid: number },
  network: Network,
  sockets: Sockets,
): KubeletClient {
  const { hostname, port } = new URL(server)
  let close: (() => void) | undefined

  const client: KubeletClient = {
    async send(method, path, body, contentType = 'application/json') {
      const headers = {
        'user-agent': 'kubelet/v1.20.2 (linux/amd64)',
        accept: 'application/json',
        'content-type': contentType,
      }
      try {
        const answer = await network.send(server, {
          method,
          path,
          headers,
          user,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        close ??= sockets.connect(pid, hostname, Number(port || 443))
        return answer
      } catch (error) {
        close?.()
        close = undefined
        throw error
      }
    },
    async read<T>(path: string) {
      const { status, body } = await client.send('GET', path)
      return status === 200 ? (JSON.parse(body) as T) : undefined
    },
  }
  return client
}
