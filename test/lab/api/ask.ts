import type { KubeObject } from '../../../src/cluster/types.js'
import { type ApiCore, type ApiOptions, createApi } from '../../../src/lab/api/server.js'
import { createClock } from '../../../src/lab/clock.js'

export interface Answer extends KubeObject {
  /** HTTP. */
  code: number
  items: KubeObject[]
  reason?: string
  message?: string
}

export interface Ask extends ApiCore {
  /** Sends a request as the administrator, or as `user`. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    options?: { type?: string; user?: string },
  ): Promise<Answer>
}

/** The API without a port. */
export function startApi(options: Partial<ApiOptions> = {}): Ask {
  const api = createApi({ clock: createClock(100), ...options })
  return {
    ...api,
    async ask(method, path, body, { type = 'application/json', user = 'admin' } = {}) {
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await api.send({ method, path, user, headers: { 'content-type': type }, ...text })
      const content = answer.body.startsWith('{')
        ? (JSON.parse(answer.body) as Answer)
        : { message: answer.body }
      return { ...(content as Answer), code: answer.status }
    },
  }
}

export const map = (
  name: string,
  data: Record<string, string> = {},
  labels: Record<string, string> = {},
) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
})
export const maps = '/api/v1/namespaces/default/configmaps'
