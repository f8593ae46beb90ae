import { expired } from './failure.js'
import type { ApiObject } from './object.js'
import { inVersion, matcher } from './query.js'
import type { Target } from './route.js'
import type { Matcher } from './selectors.js'
import type { Change, Store } from './store.js'

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR'
  object: object
}

/** A watch: what it begins with, and how it goes on. */
export interface Watch {
  begin: WatchEvent[]
  /** Calls back with each further event until the returned function is called. */
  follow(listener: (event: WatchEvent) => void): () => void
}

/**
 * A watch from `resourceVersion`, or from what is there now. One that starts too far back gets an ERROR event with
 * code 410 and ends, as a real server does it.
 */
export function openWatch(store: Store, target: Target, query: URLSearchParams): Watch {
  const belongs = matcher(target, query)
  const from = query.get('resourceVersion') ?? ''
  const shown = (change: Change) => eventOf(change, belongs, target)
  const missed = from === '' || from === '0' ? undefined : store.since(Number(from))
  if (missed === null)
    return { begin: [{ type: 'ERROR', object: expired().status() }], follow: () => () => {} }
  const present = [...store.objects.values()].filter(belongs)
  const begin =
    missed?.flatMap(shown) ??
    present.map((object): WatchEvent => ({ type: 'ADDED', object: inVersion(target.resource, object) }))
  return {
    begin,
    follow: (listener) => store.subscribe((change) => shown(change).forEach(listener)),
  }
}

/** An object that starts or ceases to match a selector is added or deleted for this watch. */
function eventOf({ type, object, previous }: Change, belongs: Matcher, target: Target): WatchEvent[] {
  const before = previous !== undefined && belongs(previous)
  const now = type !== 'DELETED' && belongs(object)
  if (!before && !now) return []
  const shown: ApiObject = inVersion(target.resource, object)
  return [{ type: before && now ? 'MODIFIED' : now ? 'ADDED' : 'DELETED', object: shown }]
}
