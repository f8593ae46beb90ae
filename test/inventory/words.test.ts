import { expect, it } from 'vitest'
import { splitWords } from '../../src/inventory/ansible/words.js'
import { fc } from '../support/properties.js'

it.each([
  ['', []],
  ['a  b\tc', ['a', 'b', 'c']],
  [`a='b c' "d e"f`, ['a=b c', 'd ef']],
  [`'' ""`, ['', '']],
  [`"a\\"b" 'a\\b' a\\ b "a\\b"`, ['a"b', 'a\\b', 'a b', 'a\\b']],
  ['a #b', ['a', '#b']],
  [`'a`, undefined],
  ['"a', undefined],
  ['a\\', undefined],
])('%j', (line, words) => {
  expect(splitWords(line)?.map(({ text }) => text)).toEqual(words)
})

it.each([
  ['a # b', ['a']],
  ['a#b c', ['a']],
  [`'a#b' "#" \\#`, ['a#b', '#', '#']],
])('%j with comments', (line, words) => {
  expect(splitWords(line, { comments: true })?.map(({ text }) => text)).toEqual(words)
})

it('any words come back from quotes, each from its place', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 5 }), (texts) => {
      const quoted = texts.map((text) => `'${text.replaceAll("'", `'\\''`)}'`)
      const words = splitWords(quoted.join(' '), { comments: true })
      expect(words?.map(({ text }) => text)).toEqual(texts)
      for (const { at } of words ?? []) expect(quoted.join(' ')[at]).toBe("'")
    }),
  )
})
