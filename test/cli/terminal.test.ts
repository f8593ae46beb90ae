import { PassThrough } from 'node:stream'
import { afterEach, expect, it, vi } from 'vitest'
import {
  codeWithoutOutput,
  guardOutput,
  interruptions,
  statusLine,
  tell,
  tellThrough,
} from '../../src/cli/terminal.js'

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const before = new Map(names.map((name) => [name, process.listeners(name)]))

afterEach(() => {
  vi.restoreAllMocks()
  for (const name of names)
    for (const listener of process.listeners(name))
      if (!before.get(name)?.includes(listener)) process.off(name, listener)
})

it.each<[signals: NodeJS.Signals[], exits: number]>([
  [['SIGINT'], 0],
  [['SIGINT', 'SIGINT'], 1],
  [['SIGHUP', 'SIGHUP'], 0],
  [['SIGHUP', 'SIGTERM'], 1],
])('%j stops, and leaves at once %i times', (signals, exits) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  const signal = interruptions()
  expect(signal.aborted).toBe(false)
  for (const name of signals) process.emit(name)
  expect(signal.aborted).toBe(true)
  expect(exit).toHaveBeenCalledTimes(exits)
  const goesOn = write.mock.calls.filter(([text]) => String(text).includes('The same command goes on'))
  expect(goesOn).toHaveLength(exits)
})

it('lines go through a drawing as long as there is one', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const drawn: string[] = []
  tellThrough((text) => drawn.push(text))
  tell('one')
  tellThrough(undefined)
  tell('two')
  expect(drawn).toEqual(['one'])
  expect(write.mock.calls.map(([text]) => text)).toEqual(['two\n'])
})

it('a line that is told stands above the status line', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  statusLine('reading 1/2 hosts')
  tell('one')
  statusLine(undefined)
  tell('two')
  const screen = write.mock.calls.map(([text]) => String(text)).join('')
  expect(screen).toBe('reading 1/2 hosts\r\u001b[Kone\n\r\u001b[Kreading 1/2 hosts\r\u001b[Ktwo\n')
})

it.each([
  ['EPIPE', false],
  ['EIO', false],
  ['ENOSPC', true],
])('%s on an output throws nothing; lost: %s', (code, lost) => {
  const stream = new PassThrough()
  const outputLost = guardOutput([stream])
  stream.emit('error', Object.assign(new Error(code), { code }))
  expect(outputLost()).toBe(lost)
})

it.each([
  [0, 1],
  [10, 1],
  [3, 3],
  [130, 130],
] as const)('exit code %i without its output is %i', (code, expected) => {
  expect(codeWithoutOutput(code)).toBe(expected)
})
