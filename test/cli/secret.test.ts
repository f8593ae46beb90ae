import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ask, askSecret } from '../../src/cli/terminal.js'

const original = Object.getOwnPropertyDescriptor(process, 'stdin')
let raw: boolean[]
let shown: string

/** A terminal that types. */
function terminal(isTTY = true): PassThrough {
  raw = []
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: (mode: boolean) => raw.push(mode) })
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true })
  return stdin
}

beforeEach(() => {
  shown = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      shown += text
      return true
    })
})
afterEach(() => {
  vi.restoreAllMocks()
  if (original !== undefined) Object.defineProperty(process, 'stdin', original)
})

it('reads a secret without showing it', async () => {
  const stdin = terminal()
  const answer = askSecret('sudo password')
  stdin.write('hunteß\x7f2')
  stdin.write('\r')
  expect(await answer).toBe('hunte2')
  expect(shown).toBe('sudo password: \n')
  expect(raw).toEqual([true, false])
})

it('can be asked again, and for something else', async () => {
  const stdin = terminal()
  const first = askSecret('one')
  stdin.write('a\n')
  expect(await first).toBe('a')
  const second = askSecret('two')
  stdin.write('b\n')
  expect(await second).toBe('b')
  const third = ask(false, 'Go on?')
  stdin.write('y\n')
  expect(await third).toBe(true)
})

it.each([
  ['Ctrl-C', '\x03', 1],
  ['Ctrl-D', '\x04', 0],
])('%s ends the question', async (_, key, signals) => {
  const stdin = terminal()
  const interrupted = vi.fn()
  process.once('SIGINT', interrupted)
  const answer = askSecret('sudo password')
  stdin.write(`secret`)
  if (key === '\x04') stdin.write('\x15')
  stdin.write(key)
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(interrupted).toHaveBeenCalledTimes(signals)
  expect(shown).not.toContain('secret')
  process.off('SIGINT', interrupted)
})

it('needs a terminal', async () => {
  terminal(false)
  await expect(askSecret('sudo password')).rejects.toMatchObject({
    code: 'USAGE_NOBODY_TO_ASK',
    message: expect.stringContaining('sudo password'),
  })
})
