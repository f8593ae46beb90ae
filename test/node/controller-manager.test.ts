import { describe, expect, it } from 'vitest'
import {
  disableNodeLifecycle,
  enableNodeLifecycle,
  lastWords,
  lifecycleOwner,
} from '../../src/node/controller-manager.js'
import { fc, runs } from '../support/properties.js'
import { cases, changedLines } from './cases.js'

interface Case {
  before: string
  owner?: 'on' | 'off'
  /** What disabling changes; absent where it is off already. */
  diff?: string
  crlf?: boolean
  error?: string
  message?: string
}

const all = cases<Case>('controller-manager').map((found) => ({
  ...found,
  before: found.crlf ? found.before.replaceAll('\n', '\r\n') : found.before,
}))
const readable = all.filter(({ error }) => error === undefined)

describe('kube-controller-manager manifest', () => {
  it.each(readable)('$name: owner and change', ({ before, owner, diff }) => {
    expect(lifecycleOwner(before)).toBe(owner)
    const off = disableNodeLifecycle(before)
    expect(lifecycleOwner(off)).toBe('off')
    expect(changedLines(before, off)).toBe(diff ?? '')
    expect(disableNodeLifecycle(off)).toBe(off)
  })

  it.each(readable.filter(({ owner }) => owner === 'on'))('$name: there and back', ({ before }) => {
    expect(enableNodeLifecycle(before)).toBe(before)
    expect(enableNodeLifecycle(disableNodeLifecycle(before))).toBe(before)
  })

  it.each(readable.filter(({ crlf }) => crlf))('$name: keeps its line breaks', ({ before }) => {
    expect(disableNodeLifecycle(before)).not.toMatch(/[^\r]\n/)
  })

  it.each(all.filter(({ error }) => error !== undefined))('$name', ({ before, error, message }) => {
    for (const edit of [lifecycleOwner, disableNodeLifecycle, enableNodeLifecycle]) {
      expect(() => edit(before)).toThrow(
        expect.objectContaining({
          code: error,
          message: expect.stringContaining(message ?? ''),
          hint: expect.any(String),
        }),
      )
    }
  })

  it('takes out our change only, whoever else has edited the file since', () => {
    const manifest = (...words: string[]) =>
      `spec: {containers: [{name: kube-controller-manager, command: ${JSON.stringify(['kcm', ...words])}}]}`
    const enabled = (...words: string[]) => enableNodeLifecycle(manifest(...words))
    expect(enabled('--controllers=-nodelifecycle,-nodelifecycle,*')).toBe(
      manifest('--controllers=-nodelifecycle,*'),
    )
    expect(enabled('--controllers=*,-nodelifecycle')).toBe(manifest('--controllers=*,-nodelifecycle'))
    expect(enabled('--controllers=-nodelifecycle')).toBe(manifest('--controllers=-nodelifecycle'))
    expect(enabled('--controllers', '-nodelifecycle,*', '--v=2')).toBe(manifest('--v=2'))
    expect(enabled('--controllers=-nodelifecycle,*', '--controllers=tokencleaner')).toBe(
      manifest('--controllers=*', '--controllers=tokencleaner'),
    )
  })
})

const entry = fc.constantFrom(
  '*',
  'nodelifecycle',
  '-nodelifecycle',
  'node-lifecycle-controller',
  '-nodeipam',
  'tokencleaner',
)
const value = fc.array(entry, { maxLength: 3 }).map((entries) => entries.join(','))
const flag = fc.oneof(
  fc.constantFrom(['--v=2'], ['--leader-elect=true'], ['--v', '2']),
  value.map((controllers) => [`--controllers=${controllers}`]),
  value.map((controllers) => ['--controllers', controllers]),
)
const words = fc.array(flag, { maxLength: 5 }).map((flags) => ['kube-controller-manager', ...flags.flat()])
const quotes = fc.array(fc.constantFrom('', '"', "'"), { minLength: 11, maxLength: 11 })

function written(word: string, quote: string, flow: boolean): string {
  const needsQuotes = word === '' || word.startsWith('*') || (flow && word.includes(','))
  const mark = quote === '' && needsQuotes ? '"' : quote
  return `${mark}${word}${mark}`
}

const manifests = fc
  .record({
    words,
    quotes,
    cut: fc.nat(),
    flow: fc.boolean(),
    indent: fc.nat(4),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.boolean(),
  })
  .map(({ words, quotes, cut, flow, indent, eol, end }) => {
    const items = words.map((word, index) => written(word, quotes[index] ?? '', flow))
    const at = 1 + (cut % items.length)
    const list = (key: string, part: string[]) =>
      flow || part.length === 0
        ? [`      ${key}: [${part.join(', ')}]`]
        : [
            `      ${key}:`,
            ...part.map(
              (item, index) => `${' '.repeat(6 + indent)}- ${item}${index % 3 === 1 ? ' # why' : ''}`,
            ),
          ]
    const lines = [
      'spec:',
      '  containers:',
      '    - name: kube-controller-manager',
      ...list('command', items.slice(0, at)),
      ...list('args', items.slice(at)),
    ]
    return lines.join(eol) + (end ? eol : '')
  })

describe('for any manifest', () => {
  it('disabling wins, twice is once, and enabling is its inverse', () => {
    fc.assert(
      fc.property(manifests, (text) => {
        const owner = lifecycleOwner(text)
        const off = disableNodeLifecycle(text)
        expect(lifecycleOwner(off)).toBe('off')
        expect(disableNodeLifecycle(off)).toBe(off)
        if (owner === 'on') expect(enableNodeLifecycle(off)).toBe(text)
        else expect(off).toBe(text)
      }),
      { numRuns: runs(500) },
    )
  })
})

it.each([
  [
    'the program first',
    ['kube-controller-manager', '--controllers=*', '--v=2'],
    ['--controllers=*', '--v=2'],
  ],
  ['hyperkube', ['/hyperkube', 'kube-controller-manager', '--controllers=*'], ['--controllers=*']],
  [
    'hyperkube, as it named it first',
    ['./hyperkube', 'controller-manager', '--controllers=*'],
    ['--controllers=*'],
  ],
  [
    'a launcher',
    ['/go-runner', '--log-file=/a', '/usr/local/bin/kube-controller-manager', '--controllers=*'],
    ['--controllers=*'],
  ],
  [
    'a shell that gives its words on',
    ['sh', '-c', 'exec kube-controller-manager "$@"', '--', '--controllers=*'],
    ['sh', '-c', 'exec kube-controller-manager "$@"', '--', '--controllers=*'],
  ],
  [
    'a variable in front',
    ['kube-controller-manager', '--bind-address=$(IP)', '--controllers=*'],
    ['--controllers=*'],
  ],
  ['a variable behind', ['kube-controller-manager', '--controllers=*', '--bind-address=$(IP)'], []],
])('what ends the command line: %s', (_name, command, words) => {
  const pod = { kind: 'Pod', spec: { containers: [{ name: 'kube-controller-manager', command }] } }
  expect(lastWords(JSON.stringify(pod))).toEqual(words)
})
