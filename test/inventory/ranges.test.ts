import { describe, expect, it } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import { expandRanges } from '../../src/inventory/ranges.js'
import { fc } from '../support/properties.js'

it.each([
  ['edge-1', ['edge-1']],
  ['', ['']],
  ['edge-[1:3]', ['edge-1', 'edge-2', 'edge-3']],
  ['edge-[9:11].site', ['edge-9.site', 'edge-10.site', 'edge-11.site']],
  ['edge-[008:011]', ['edge-008', 'edge-009', 'edge-010', 'edge-011']],
  ['[0:2]', ['0', '1', '2']],
  ['[7:7]', ['7']],
  ['[1:9:4]', ['1', '5', '9']],
  ['[1:8:4]', ['1', '5']],
  ['[a:c]', ['a', 'b', 'c']],
  ['[A:E:2]', ['A', 'C', 'E']],
  ['[a:b][1:2]-x', ['a1-x', 'a2-x', 'b1-x', 'b2-x']],
])('%s', (pattern, names) => {
  expect(expandRanges(pattern)).toEqual(names)
})

it.each([
  ['[3:1]', 'ends before it starts'],
  ['[c:a]', 'ends before it starts'],
  ['[1:3:0]', 'has step 0'],
  ['[01:100]', 'has leading zeros'],
  ['[1:010]', 'has leading zeros'],
  ['[a:3]', 'is not a range'],
  ['[a:F]', 'is not a range'],
  ['[aa:ff]', 'is not a range'],
  ['[1-3]', 'is not a range'],
  ['[]', 'is not a range'],
  ['[1:2:3:4]', 'is not a range'],
  ['[9999999999999999:9999999999999999]', 'is not a range'],
  ['edge-[1:3', 'has a bracket'],
  ['edge-1:3]', 'has a bracket'],
  ['[[1:3]]', 'has a bracket'],
  ['[1:100001]', 'stands for 100001 names, more than 100000'],
  ['[1:999999999999999][1:999999999999999]', 'more than 100000'],
])('refuses %s', (pattern, message) => {
  expect(() => expandRanges(pattern)).toThrow(
    expect.objectContaining({ code: 'INVENTORY_RANGE', message: expect.stringContaining(message) }),
  )
})

describe('for any range', () => {
  const numbers = fc
    .record({
      first: fc.nat(100_000),
      more: fc.nat(500),
      step: fc.integer({ min: 1, max: 60 }),
      width: fc.nat(8),
    })
    .map(({ first, more, step, width }) => {
      const last = first + more
      const pad = width >= String(last).length ? width : 0
      const bound = (value: number) => String(value).padStart(pad, '0')
      return { first, last, step, bound, text: `[${bound(first)}:${bound(last)}:${step}]` }
    })
  const plain = fc.stringMatching(/^[a-z.-]{0,8}$/)

  it('numbers run from the first to at most the last, a step apart, in one spelling', () => {
    fc.assert(
      fc.property(plain, numbers, plain, (before, { first, last, step, bound, text }, after) => {
        const expected: string[] = []
        for (let value = first; value <= last; value += step) expected.push(before + bound(value) + after)
        expect(expandRanges(before + text + after)).toEqual(expected)
      }),
    )
  })

  it('several ranges give the product of their names, all different, in order', () => {
    const small = fc.tuple(fc.nat(50), fc.nat(9)).map(([first, more]) => `[${first}:${first + more}]`)
    fc.assert(
      fc.property(fc.array(small, { minLength: 2, maxLength: 4 }), (ranges) => {
        const expected = ranges.reduce<string[]>(
          (names, range) => names.flatMap((name) => expandRanges(range).map((value) => `${name}-${value}`)),
          [''],
        )
        expect(expandRanges(ranges.map((range) => `-${range}`).join(''))).toEqual(expected)
        expect(new Set(expected).size).toBe(expected.length)
      }),
    )
  })

  it('a text gives names without brackets, or an error of its own', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[[\]:0-9a-c-]{0,16}$/), (text) => {
        try {
          for (const name of expandRanges(text, 1000)) expect(name).not.toMatch(/[[\]]/)
        } catch (error) {
          if (!(error instanceof YurtSshError)) throw error
        }
      }),
    )
  })
})
