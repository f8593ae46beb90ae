import { hasCode } from './api-errors.js'
import { mergePatch, type ObjectDiff, unchangedSince } from './diff.js'
import { foreignObjectError, isOurs } from './ownership.js'
import { type Cluster, type KubeObject, refOf, type WriteOptions } from './types.js'

/**
 * Creates the object, or changes of it only what differs; returns what was done. An object that changes meanwhile is
 * read again; with `dryRun` only the API server's answer is had.
 * @throws YurtSshError GUARD_FOREIGN_OBJECT, or what the API answers
 */
export async function applyObject(
  cluster: Cluster,
  desired: KubeObject,
  options: WriteOptions = {},
): Promise<ObjectDiff> {
  const ref = refOf(desired)
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.get(ref, options)
    if (live !== null && !isOurs(live)) throw foreignObjectError([ref])
    try {
      if (live === null) {
        await cluster.create(desired, options)
        return 'create'
      }
      const patch = mergePatch(desired, live)
      if (patch === null) return 'same'
      await cluster.patch(ref, unchangedSince(live, patch), 'merge', options)
      return 'update'
    } catch (error) {
      if (attempt === 5 || !hasCode(error, 'API_CONFLICT')) throw error
    }
  }
}
