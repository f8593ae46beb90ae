import type { Resource } from './kinds.js'
import type { JsonRecord } from './object.js'

/** A request that the API server refuses, as a Kubernetes Status says it. */
export class ApiFailure extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details: JsonRecord = {},
  ) {
    super(message)
  }

  /** The Status that the client gets. */
  status(): JsonRecord {
    const { code, reason, message, details } = this
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      details,
      code,
    }
  }
}

/** `deployments.apps "name"`, as in the server's messages. */
function named(resource: Resource, name: string): string {
  return `${resourceText(resource)} "${name}"`
}

export function resourceText({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}

const detailsOf = ({ group, plural }: Resource, name: string): JsonRecord => ({ name, group, kind: plural })

export function noSuchPath(): ApiFailure {
  return new ApiFailure(404, 'NotFound', 'the server could not find the requested resource')
}

export function notFound(resource: Resource, name: string): ApiFailure {
  return new ApiFailure(404, 'NotFound', `${named(resource, name)} not found`, detailsOf(resource, name))
}

export function alreadyExists(resource: Resource, name: string): ApiFailure {
  const message = `${named(resource, name)} already exists`
  return new ApiFailure(409, 'AlreadyExists', message, detailsOf(resource, name))
}

/** Optimistic concurrency: the caller saw another version. */
export function conflict(resource: Resource, name: string, why?: string): ApiFailure {
  const because =
    why ?? 'the object has been modified; please apply your changes to the latest version and try again'
  const message = `Operation cannot be fulfilled on ${named(resource, name)}: ${because}`
  return new ApiFailure(409, 'Conflict', message, detailsOf(resource, name))
}

export function invalid(resource: Resource, name: string, why: string): ApiFailure {
  const text = `${resource.kind}${resource.group === '' ? '' : `.${resource.group}`} "${name}" is invalid: ${why}`
  return new ApiFailure(422, 'Invalid', text, detailsOf(resource, name))
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, 'BadRequest', message)
}

export function methodNotAllowed(): ApiFailure {
  return new ApiFailure(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  )
}

export function unsupportedMediaType(type: string): ApiFailure {
  return new ApiFailure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format (${type})`,
  )
}

/** What a watch or a page starts from is no longer known. */
export function expired(): ApiFailure {
  return new ApiFailure(410, 'Expired', 'too old resource version')
}
