import { expect, it } from 'vitest'
import { mergePatch, objectDiff } from '../../src/cluster/diff.js'
import { foreignObjectError, foreignObjects, ownLabels } from '../../src/cluster/ownership.js'
import { type KubeObject, refKey, refOf } from '../../src/cluster/types.js'
import { rows } from './rows.js'

interface Row {
  desired: object
  live: object | null
  diff: string
  patch?: object
}

const named = (fields: object) =>
  ({ apiVersion: 'v1', kind: 'Any', metadata: { name: 'a' }, ...fields }) as KubeObject

it.each(rows<Row>('diff'))('$name', ({ desired, live, diff, patch }) => {
  expect(objectDiff(named(desired), live && named(live))).toBe(diff)
  if (live !== null) expect(mergePatch(named(desired), named(live))).toEqual(patch ?? null)
})

const object = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'kube-system', labels },
})

it('finds objects that someone else made', () => {
  const live = [
    object('ours', ownLabels),
    object('theirs', { 'app.kubernetes.io/managed-by': 'Helm' }),
    object('old'),
  ]
  const objects = Object.fromEntries(live.map((item) => [refKey(refOf(item)), item]))
  const desired = [...live, object('absent')]
  const found = foreignObjects(desired, { objects: { ...objects, [refKey(refOf(object('absent')))]: null } })
  expect(found.map(({ name }) => name)).toEqual(['theirs', 'old'])
  expect(foreignObjectError(found)).toMatchObject({
    code: 'GUARD_FOREIGN_OBJECT',
    message: 'not made by yurt-ssh: ConfigMap kube-system/theirs, ConfigMap kube-system/old',
  })
})
