import { expect, it } from 'vitest'
import { nearest } from '../../src/inventory/nearest.js'
import { fc } from '../support/properties.js'

it.each([
  ['prot', ['user', 'port'], 'port'],
  ['identity_file', ['identitiesOnly', 'identityFile'], 'identityFile'],
  ['HOSTS', ['hosts', 'hots'], 'hosts'],
  ['edge-01', ['edge-10', 'edge-1', 'edge-2'], 'edge-10'],
  ['user', ['port', 'hub'], undefined],
  ['x', [], undefined],
])('%s among %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected)
})

it('finds a word with a letter left out, whatever stands around it', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{3,12}$/), fc.nat(11), (word, at) => {
      const slip = word.slice(0, at % word.length) + word.slice((at % word.length) + 1)
      expect(nearest(slip, ['', `${word}${word}`, word])).toBe(word)
    }),
  )
})
