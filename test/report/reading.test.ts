import { expect, it } from 'vitest'
import {
  advanceReading,
  type ReadingEvent,
  type ReadingState,
  readingText,
} from '../../src/report/reading.js'

it('says how many hosts are read, and who takes longest with what', () => {
  const state: ReadingState = { hosts: 0, read: 0, under: new Map() }
  const at = (seconds: number, event: ReadingEvent): string => {
    advanceReading(state, event, seconds * 1000)
    return readingText(state, seconds * 1000)
  }
  expect(at(0, { type: 'begin', hosts: 3 })).toBe('reading 0/3 hosts, 3 left')
  at(1, { type: 'host', host: 'edge-1', at: 'connecting' })
  at(2, { type: 'host', host: 'edge-2', at: 'connecting' })
  expect(at(4, { type: 'host', host: 'edge-2', at: 'reading' })).toBe(
    'reading 0/3 hosts, 3 left, slowest edge-1 (3 s, connecting)',
  )
  expect(at(5, { type: 'host', host: 'edge-1', at: 'read' })).toBe(
    'reading 1/3 hosts, 2 left, slowest edge-2 (3 s, reading)',
  )
  expect(at(6, { type: 'host', host: 'edge-2', at: 'read' })).toBe('reading 2/3 hosts, 1 left')
  expect(at(7, { type: 'begin', hosts: 5 }), 'a second reading').toBe('reading 0/5 hosts, 5 left')
})
