import { createHash } from 'node:crypto'
import type { ApiObject } from '../api/object.js'
import type { View } from './view.js'

export interface EventText {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  component: string
}

/** Writes an Event about an object, or counts the one that says the same. */
export async function emitEvent(view: View, about: ApiObject, event: EventText): Promise<void> {
  const { apiVersion, kind, metadata } = about
  const { namespace = 'default', name, uid } = metadata
  const { type, reason, message, component } = event
  const digest = createHash('sha256').update(`${uid}${reason}${message}`).digest('hex').slice(0, 16)
  const ref = { apiVersion: 'v1', kind: 'Event', namespace, name: `${name}.${digest}` }
  const live = await view.client.get(ref)
  if (live !== null) {
    await view.client.patch(ref, { count: Number(live.count) + 1, lastTimestamp: view.now() })
    return
  }
  await view.client.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: ref.name, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid },
    type,
    reason,
    message,
    source: { component },
    count: 1,
    firstTimestamp: view.now(),
    lastTimestamp: view.now(),
  })
}
