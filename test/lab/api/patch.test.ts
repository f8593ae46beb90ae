import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/lab/api/object.js'
import { jsonPatch, mergePatch } from '../../../src/lab/api/patch.js'
import { strategicPatch } from '../../../src/lab/api/strategic.js'
import { map, maps, startApi } from './ask.js'

it.each<[string, Json, Json, Json]>([
  ['sets and keeps', { a: 1, b: { c: 2 } }, { b: { d: 3 } }, { a: 1, b: { c: 2, d: 3 } }],
  ['removes with null', { a: 1, b: 2 }, { b: null }, { a: 1 }],
  ['replaces lists', { a: [1, 2] }, { a: [3] }, { a: [3] }],
  ['makes what is missing, without nulls', {}, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
])('merge: %s', (_, live, change, result) => {
  expect(mergePatch(live, change)).toEqual(result)
})

const containers = [
  { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
  { name: 'b', image: 'b:1' },
]
it.each<[string, Json, Json, Json]>([
  [
    'merges items by key',
    { containers },
    { containers: [{ name: 'b', image: 'b:2' }] },
    { containers: [containers[0] as Json, { name: 'b', image: 'b:2' }] },
  ],
  [
    'adds items',
    { env: [{ name: 'X', value: '1' }] },
    { env: [{ name: 'Y', value: '2' }] },
    {
      env: [
        { name: 'X', value: '1' },
        { name: 'Y', value: '2' },
      ],
    },
  ],
  [
    'deletes items',
    { containers },
    { containers: [{ name: 'a', $patch: 'delete' }] },
    { containers: [containers[1] as Json] },
  ],
  [
    'merges conditions by type',
    { conditions: [{ type: 'Ready', status: 'True', reason: 'r' }] },
    { conditions: [{ type: 'Ready', status: 'False' }] },
    { conditions: [{ type: 'Ready', status: 'False', reason: 'r' }] },
  ],
  [
    'replaces tolerations and taints, which have no key',
    { taints: [{ key: 'a' }] },
    { taints: [{ key: 'b' }] },
    { taints: [{ key: 'b' }] },
  ],
  ['replaces on demand', { a: { b: 1 } }, { a: { $patch: 'replace', c: 2 } }, { a: { c: 2 } }],
  [
    'removes values of a set',
    { finalizers: ['a', 'b'] },
    { '$deleteFromPrimitiveList/finalizers': ['a'] },
    { finalizers: ['b'] },
  ],
  ['adds values to a set', { finalizers: ['a'] }, { finalizers: ['b'] }, { finalizers: ['a', 'b'] }],
  ['ignores orders', { a: 1 }, { '$setElementOrder/env': [{ name: 'X' }], b: 2 }, { a: 1, b: 2 }],
])('strategic: %s', (_, live, change, result) => {
  expect(strategicPatch(live, change)).toEqual(result)
})

describe('JSON patch', () => {
  it.each<[object[], Json]>([
    [[{ op: 'add', path: '/b', value: 1 }], { a: [1, 2], b: 1 }],
    [[{ op: 'add', path: '/a/1', value: 9 }], { a: [1, 9, 2] }],
    [[{ op: 'add', path: '/a/-', value: 9 }], { a: [1, 2, 9] }],
    [[{ op: 'replace', path: '/a/0', value: 9 }], { a: [9, 2] }],
    [[{ op: 'remove', path: '/a/0' }], { a: [2] }],
    [[{ op: 'copy', from: '/a', path: '/b' }], { a: [1, 2], b: [1, 2] }],
    [[{ op: 'move', from: '/a/0', path: '/b~1c' }], { a: [2], 'b/c': 1 }],
    [[{ op: 'test', path: '/a', value: [1, 2] }], { a: [1, 2] }],
  ])('%j', (operations, result) => {
    expect(jsonPatch({ a: [1, 2] }, operations)).toEqual(result)
  })

  it.each([
    [{ op: 'test', path: '/a', value: 1 }],
    [{ op: 'remove', path: '/b' }],
    [{ op: 'replace', path: '/b', value: 1 }],
    [{ op: 'add', path: '/a/7', value: 1 }],
  ])('refuses %j', (operation) => {
    expect(() => jsonPatch({ a: [1] }, [operation])).toThrow(expect.objectContaining({ code: 422 }))
  })
})

it('refuses a kind of patch that nobody knows', async () => {
  const api = startApi()
  await api.ask('POST', maps, map('a'))
  expect((await api.ask('PATCH', `${maps}/a`, {}, { type: 'text/plain' })).code).toBe(415)
})

it('refuses a patch of a version that is gone', async () => {
  const api = startApi()
  const { metadata } = await api.ask('POST', maps, map('a'))
  const type = 'application/merge-patch+json'
  const { resourceVersion, uid } = metadata
  const patch = (seen: object) =>
    api.ask('PATCH', `${maps}/a`, { metadata: seen, data: { x: '1' } }, { type })
  expect((await patch({ resourceVersion: '1' })).code).toBe(409)
  expect((await patch({ uid: 'another' })).code).toBe(409)
  expect((await patch({ uid, resourceVersion })).code).toBe(200)
})
