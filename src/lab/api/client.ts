import type { KubeObject, ObjectRef } from '../../cluster/types.js'
import type { Send } from '../types.js'

/** What a request of a stand-in ended with. */
export class RequestFailure extends Error {
  constructor(
    readonly status: number,
    /** A Status's reason, such as Conflict. */
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

export interface ListQuery {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

export interface DeleteQuery {
  gracePeriodSeconds?: number
  uid?: string
}

/** The API for stand-in programs and controllers. Everything throws RequestFailure, or what `send` throws. */
export interface ApiClient {
  /** Null when there is none. */
  get(ref: ObjectRef): Promise<KubeObject | null>
  list(apiVersion: string, kind: string, query?: ListQuery): Promise<KubeObject[]>
  create(object: KubeObject): Promise<KubeObject>
  /** Replaces it, if it is still as its resourceVersion says. */
  update(object: KubeObject, subresource?: 'status' | 'approval'): Promise<KubeObject>
  /** JSON merge patch. */
  patch(ref: ObjectRef, change: object): Promise<KubeObject>
  patchStatus(ref: ObjectRef, status: object): Promise<KubeObject>
  /** One that is gone already is fine. */
  delete(ref: ObjectRef, query?: DeleteQuery): Promise<void>
}

/** Plural names that are not the kind with an s. */
const plurals: Record<string, string> = { Endpoints: 'endpoints' }
const cluster = new Set([
  'Namespace',
  'Node',
  'ClusterRole',
  'ClusterRoleBinding',
  'CertificateSigningRequest',
  'CustomResourceDefinition',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
])

export function apiClient(send: Send, user: string): ApiClient {
  async function ask(method: string, path: string, body?: object, contentType = 'application/json') {
    const headers = body === undefined ? {} : { 'content-type': contentType }
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await send({ method, path, user, headers, ...text })
    if (answer.status < 300) return JSON.parse(answer.body) as KubeObject & { items?: KubeObject[] }
    throw failureOf(answer.status, answer.body)
  }

  const merge = 'application/merge-patch+json'
  return {
    async get(ref) {
      try {
        return await ask('GET', objectPath(ref))
      } catch (error) {
        if (isStatus(error, 404)) return null
        throw error
      }
    },
    async list(apiVersion, kind, { namespace, ...selectors } = {}) {
      const query = new URLSearchParams(selectors).toString()
      const path = collection({ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) })
      const { items = [] } = await ask('GET', `${path}${query === '' ? '' : `?${query}`}`)
      return items.map((item) => ({ ...item, apiVersion, kind }))
    },
    create: (object) => ask('POST', collection({ ...object, ...object.metadata }), object),
    update(object, subresource) {
      const path = objectPath({ ...object, ...object.metadata })
      return ask('PUT', subresource === undefined ? path : `${path}/${subresource}`, object)
    },
    patch: (ref, change) => ask('PATCH', objectPath(ref), change, merge),
    patchStatus: (ref, status) => ask('PATCH', `${objectPath(ref)}/status`, { status }, merge),
    async delete(ref, { gracePeriodSeconds, uid } = {}) {
      const options = {
        ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      }
      await ask('DELETE', objectPath(ref), options).catch((error: unknown) => {
        if (!isStatus(error, 404)) throw error
      })
    },
  }
}

/** Whether the API server answered with one of these statuses. */
export function isStatus(error: unknown, ...statuses: number[]): error is RequestFailure {
  return error instanceof RequestFailure && statuses.includes(error.status)
}

/** Whether a stand-in should try again later: the API server refused, failed or is away. Anything else is a bug. */
export function isPassing(error: unknown): boolean {
  return error instanceof RequestFailure || (error instanceof Error && 'code' in error)
}

function collection({ apiVersion, kind, namespace }: Omit<ObjectRef, 'name'>): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const scope = namespace === undefined || cluster.has(kind) ? '' : `/namespaces/${namespace}`
  return `${root}${scope}/${plurals[kind] ?? `${kind.toLowerCase()}s`}`
}

function objectPath(ref: ObjectRef): string {
  return `${collection(ref)}/${encodeURIComponent(ref.name)}`
}

function failureOf(status: number, body: string): RequestFailure {
  const { reason = '', message = body } = asStatus(body)
  return new RequestFailure(status, reason, message)
}

function asStatus(body: string): { reason?: string; message?: string } {
  try {
    return JSON.parse(body) as { reason?: string; message?: string }
  } catch {
    return {}
  }
}
