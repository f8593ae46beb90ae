import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { hostRanges } from '../../src/inventory/host-ranges.js'
import { expandRanges } from '../../src/inventory/ranges.js'
import { fc } from '../support/properties.js'

const rows = parse(readFileSync(new URL('../cases/report/host-ranges.yaml', import.meta.url), 'utf8')) as {
  name: string
  hosts: string[]
  ranges: string
}[]

it.each(rows)('$name', ({ hosts, ranges }) => {
  expect(hostRanges(hosts)).toBe(ranges)
})

it('gives every name back, once', () => {
  const digits = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(0, 2, 3))
  const name = fc
    .tuple(fc.constantFrom('', 'edge-', 'a.b-'), digits, fc.constantFrom('', '.site-1', '-x', '.site-02'))
    .map(([before, [number, width], after]) => `${before}${String(number).padStart(width, '0')}${after}`)
  fc.assert(
    fc.property(fc.array(name, { maxLength: 60 }), (names) => {
      const text = hostRanges(names)
      const back = text === '' ? [] : text.split(',').flatMap((word) => expandRanges(word))
      expect(back.sort()).toEqual([...new Set(names)].sort())
    }),
  )
})
