import pLimit from 'p-limit'
import { objectOf, type Refusal, type Trials, tryNodeChanges, tryObject } from '../cluster/trial.js'
import { applySteps, nodeChanges, wantedComponents } from '../plan/convert.js'
import type { Fleet } from '../plan/fleet.js'
import type { Site } from './site.js'

const atOnce = 8

/** Asks the API server what it would refuse of a conversion's objects, labels and annotations, and changes nothing. */
export async function tryConversion(
  { cluster, selected, options }: Pick<Site, 'cluster' | 'selected' | 'options'>,
  fleet: Fleet,
  signal: AbortSignal,
): Promise<Trials> {
  const limit = pLimit(atOnce)
  const request = { signal }
  const objects = applySteps(wantedComponents(fleet, options), fleet.cluster)
  const changes = nodeChanges(fleet, selected, options)
  const nodes = [...new Set(changes.map(({ node }) => node))]
  const [refusedObjects, refusedNodes] = await Promise.all([
    refusals(objects, objectOf, (step) => limit(() => tryObject(cluster, step, request))),
    refusals(nodes, String, (name) => {
      const own = changes.filter(({ node }) => node === name)
      return limit(() => tryNodeChanges(cluster, name, own, request))
    }),
  ])
  return { objects: refusedObjects, nodes: refusedNodes }
}

async function refusals<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  attempt: (thing: T) => Promise<Refusal | undefined>,
): Promise<Map<string, Refusal>> {
  const found = new Map<string, Refusal>()
  await Promise.all(
    things.map(async (thing) => {
      const refusal = await attempt(thing)
      if (refusal !== undefined) found.set(nameOf(thing), refusal)
    }),
  )
  return found
}
