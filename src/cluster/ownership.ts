import { YurtSshError } from '../errors.js'
import { type ClusterFacts, type KubeObject, type ObjectRef, refKey, refOf, refText } from './types.js'

/** Every object of ours carries these, and an object without the first is someone else's. */
export const ownLabels = {
  'app.kubernetes.io/managed-by': 'yurt-ssh',
  'app.kubernetes.io/part-of': 'openyurt',
} as const

/** Whether an object is one of ours. */
export function isOurs(object: KubeObject): boolean {
  return (
    object.metadata.labels?.['app.kubernetes.io/managed-by'] === ownLabels['app.kubernetes.io/managed-by']
  )
}

/** Objects that we would write although someone else made them. */
export function foreignObjects(
  desired: readonly KubeObject[],
  facts: Pick<ClusterFacts, 'objects'>,
): ObjectRef[] {
  return desired.map(refOf).filter((ref) => {
    const live = facts.objects[refKey(ref)] ?? null
    return live !== null && !isOurs(live)
  })
}

/** The refusal to touch objects of someone else. */
export function foreignObjectError(refs: readonly ObjectRef[]): YurtSshError {
  return new YurtSshError('GUARD_FOREIGN_OBJECT', `not made by yurt-ssh: ${refs.map(refText).join(', ')}`, {
    hint: 'another tool put OpenYurt here: remove it with that tool, or hand the objects over with the label app.kubernetes.io/managed-by=yurt-ssh',
  })
}
