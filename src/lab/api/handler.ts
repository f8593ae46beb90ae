import { parse } from 'yaml'
import type { ApiRequest, Clock } from '../types.js'
import { authorise, type Verb } from './authorise.js'
import { deletionOf } from './delete-options.js'
import { deleteObject } from './deletion.js'
import { discovery } from './discovery.js'
import { ApiFailure, badRequest, methodNotAllowed } from './failure.js'
import { type ApiObject, isRecord, type Json, type JsonRecord } from './object.js'
import { patch } from './patching.js'
import { existing, inVersion, list, matcher } from './query.js'
import type { Routes, Target } from './route.js'
import type { Store } from './store.js'
import { asObject } from './validate.js'
import { openWatch, type Watch } from './watch.js'
import { create, update, type Writer } from './writes.js'

export interface LogQuery {
  namespace: string
  pod: string
  container?: string
  previous: boolean
}

export interface HandlerOptions {
  store: Store
  routes: Routes
  clock: Clock
  gitVersion: string
  /** A container's log; undefined where nobody keeps one. */
  readLog(query: LogQuery): string | undefined
}

/** A finished answer, or a watch that goes on. */
export type Answer = { status: number; body: object | string } | { status: 200; watch: Watch }

/** Answers requests as a Kubernetes API server does; refusals become a Status. */
export function createHandler(options: HandlerOptions): (request: ApiRequest) => Answer {
  return (request) => {
    try {
      return answer(options, request)
    } catch (error) {
      if (error instanceof ApiFailure) return { status: error.code, body: error.status() }
      throw error
    }
  }
}

const health = new Set(['/healthz', '/livez', '/readyz'])

function answer(options: HandlerOptions, request: ApiRequest): Answer {
  const { pathname, searchParams } = new URL(request.path, 'http://api')
  const path = pathname.replace(/(.)\/$/, '$1')
  if (health.has(path)) return ok('ok')
  if (path === '/version') return ok(versionInfo(options.gitVersion))
  const known = discovery(path, options.routes.resources())
  if (known !== undefined && request.user === 'system:anonymous')
    throw new ApiFailure(403, 'Forbidden', `forbidden: User "system:anonymous" cannot get path "${path}"`)
  if (known !== undefined) return ok(known)
  return resourceAnswer(options, options.routes.target(path), request, searchParams)
}

const ok = (body: object | string): Answer => ({ status: 200, body })

function versionInfo(gitVersion: string): JsonRecord {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? []
  return { major, minor, gitVersion, platform: 'linux/amd64' }
}

function resourceAnswer(
  { store, clock, readLog }: HandlerOptions,
  target: Target,
  request: ApiRequest,
  query: URLSearchParams,
): Answer {
  const { resource, name } = target
  const verb = verbOf(request.method, name !== undefined, query)
  const body = request.body ? parseBody(request.body) : undefined
  authorise(store, request.user, verb, target, body)
  const writer: Writer = {
    user: request.user,
    manager: query.get('fieldManager') ?? request.user,
    now: clock.now(),
    dryRun: query.get('dryRun') === 'All',
    applied: false,
  }
  const shown = (object: ApiObject, status = 200): Answer => ({ status, body: inVersion(resource, object) })
  switch (verb) {
    case 'list':
      return ok(list(store, target, query))
    case 'watch':
      return { status: 200, watch: openWatch(store, target, query) }
    case 'create':
      return shown(create(store, target, asObject(body ?? null, target), writer), 201)
    case 'get': {
      const live = existing(store, target)
      return target.subresource === 'log' ? ok(logText(live, query, readLog)) : shown(live)
    }
    case 'update':
      return shown(update(store, target, asObject(body ?? null, target), existing(store, target), writer))
    case 'patch': {
      const type = request.headers?.['content-type'] ?? ''
      const { object, created } = patch(store, target, { body: body ?? null, type, query }, writer)
      return shown(object, created ? 201 : 200)
    }
    case 'delete': {
      const live = existing(store, target)
      const deletion = deletionOf(live, target, isRecord(body) ? body : {}, query, clock.now())
      return shown(writer.dryRun ? live : deleteObject(store, live, deletion))
    }
    case 'deletecollection': {
      const found = [...store.objects.values()].filter(matcher(target, query))
      for (const object of found) deleteObject(store, object, { now: clock.now() })
      return ok({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 200 })
    }
  }
}

function verbOf(method: string, named: boolean, query: URLSearchParams): Verb {
  const watches = ['true', '1'].includes(query.get('watch') ?? '')
  const verbs: Record<string, Verb | undefined> = named
    ? { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
    : { GET: watches ? 'watch' : 'list', POST: 'create', DELETE: 'deletecollection' }
  const verb = verbs[method]
  if (verb === undefined) throw methodNotAllowed()
  return verb
}

/** JSON, or YAML as server-side apply sends it. */
function parseBody(text: string): Json {
  try {
    return (/^\s*[[{]/.test(text) ? JSON.parse(text) : parse(text)) as Json
  } catch {
    throw badRequest('the body of the request cannot be read')
  }
}

function logText(pod: ApiObject, query: URLSearchParams, readLog: HandlerOptions['readLog']): string {
  const { name, namespace = '' } = pod.metadata
  const container = query.get('container')
  const previous = query.get('previous') === 'true'
  const text = readLog({ namespace, pod: name, previous, ...(container === null ? {} : { container }) })
  if (text === undefined) throw badRequest(`container in pod "${name}" is waiting to start: no log`)
  const tail = query.get('tailLines')
  return tail === null
    ? text
    : text
        .split('\n')
        .slice(-Number(tail) - 1)
        .join('\n')
}
