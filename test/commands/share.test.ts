import { expect, it } from 'vitest'
import { createShare } from '../../src/commands/share.js'
import { convertedFacts, hostNamed } from '../support/facts.js'

it.each([
  ['facts of a host', convertedFacts(hostNamed('edge-1'))],
  ['what stands beside texts', { none: null, count: 0, yes: true, absent: undefined, list: [['a'], []] }],
  ['half a surrogate pair', 'a \ud83d b'],
  ['an empty text', ''],
])('copies %s as it is', (_, data) => {
  const share = createShare()
  expect(share(data)).toStrictEqual(data)
  expect(share(data), 'from what it has copied before').toStrictEqual(data)
})

it('a copy does not change with what it was made of', () => {
  const found = { files: [{ path: '/a' }] }
  const copy = createShare()(found)
  found.files.push({ path: '/b' })
  expect(copy).toEqual({ files: [{ path: '/a' }] })
})
