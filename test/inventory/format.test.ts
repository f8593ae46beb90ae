import { expect, it } from 'vitest'
import { formatOf } from '../../src/inventory/format.js'
import { cases } from './cases.js'

interface Row {
  text: string
  file?: string
  forced?: 'native' | 'ansible'
  is: string
}

it.each(cases<Row>('formats'))('$text is $is', ({ text, file = 'hosts', forced, is }) => {
  expect(formatOf({ file, text }, forced)).toBe(is)
})
