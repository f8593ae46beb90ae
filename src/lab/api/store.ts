import { refKey, refOf } from '../../cluster/types.js'
import type { ApiObject } from './object.js'

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: ApiObject
  /** Before the change. */
  previous?: ApiObject
  version: number
}

/** Objects by refKey, one resourceVersion for all, and what changed lately. */
export interface Store {
  readonly objects: Map<string, ApiObject>
  /** The resourceVersion of the last change. */
  version(): number
  get(key: string): ApiObject | undefined
  /** Stores an object as it is, but for its new resourceVersion. */
  write(object: ApiObject): ApiObject
  remove(object: ApiObject): ApiObject
  /** Changes after a version; null when that is longer ago than what is kept. */
  since(version: number): Change[] | null
  /** Called after each change, until the returned function is. */
  subscribe(listener: (change: Change) => void): () => void
}

/** Changes kept for watches, as etcd keeps some minutes. */
const kept = 2000

export function createStore(): Store {
  const objects = new Map<string, ApiObject>()
  const listeners = new Set<(change: Change) => void>()
  let history: Change[] = []
  let version = 0
  let forgotten = 0

  function record(change: Change): ApiObject {
    history.push(change)
    if (history.length > 2 * kept) {
      forgotten = history[kept - 1]?.version ?? forgotten
      history = history.slice(kept)
    }
    for (const listener of listeners) listener(change)
    return change.object
  }

  function next(object: ApiObject): ApiObject {
    version += 1
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
  }

  return {
    objects,
    version: () => version,
    get: (key) => objects.get(key),
    write(object) {
      const key = refKey(refOf(object))
      const previous = objects.get(key)
      const stored = next(object)
      objects.set(key, stored)
      return record(
        previous === undefined
          ? { type: 'ADDED', object: stored, version }
          : { type: 'MODIFIED', object: stored, previous, version },
      )
    },
    remove(object) {
      const key = refKey(refOf(object))
      const previous = objects.get(key) ?? object
      objects.delete(key)
      return record({ type: 'DELETED', object: next(previous), previous, version })
    },
    since(from) {
      return from < forgotten ? null : history.filter((change) => change.version > from)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
