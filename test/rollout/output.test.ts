import { describe, expect, it } from 'vitest'
import { createOutputReader, type TransactionOutput } from '../../src/rollout/output.js'
import { fc } from '../support/properties.js'

const whole = [
  '@ 100 step 0 begin',
  'Unable to find image locally',
  '@ 103 step 0 done',
  '@ 103 step 1 begin',
  '@ 104 note the API server does not answer',
  '@ 110 words of the hub',
  'E0102 hub: waiting for the csr, ünïcödé',
  '',
  '@ 110 words of the kubelet',
  '@ not one of ours',
  '@ 110 words end',
  '@ 110 fail the hub did not become healthy within 6 s',
  '@ 111 undo begin',
  '@ 112 fail /a was changed by somebody else meanwhile',
  '@ 113 result undo-failed',
  '',
].join('\n')

function read(chunks: readonly string[]): { output: TransactionOutput; steps: number[] } {
  const steps: number[] = []
  const { add, output } = createOutputReader((index) => steps.push(index))
  for (const chunk of chunks) add(chunk)
  return { output, steps }
}

describe("a transaction's output", () => {
  it('is read line by line', () => {
    expect(read([whole])).toEqual({
      steps: [0, 1],
      output: {
        step: 1,
        seconds: [3],
        committed: false,
        failure: 'the hub did not become healthy within 6 s',
        notes: ['the API server does not answer', 'undo begin'],
        words: [
          'Unable to find image locally',
          '--- the hub:',
          'E0102 hub: waiting for the csr, ünïcödé',
          '--- the kubelet:',
          '@ not one of ours',
          '/a was changed by somebody else meanwhile',
        ],
        result: 'undo-failed',
      },
    })
  })

  it('is the same whatever pieces it comes in', () => {
    const cuts = fc
      .array(fc.nat(whole.length), { maxLength: 30 })
      .map((at) => [...at, 0, whole.length].sort((a, b) => a - b))
    fc.assert(
      fc.property(cuts, (at) => {
        const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end))
        expect(read(pieces)).toEqual(read([whole]))
      }),
    )
  })

  it('waits for the end of a line', () => {
    expect(read(['@ 1 committed']).output.committed).toBe(false)
    expect(read(['@ 1 committed', '\n']).output.committed).toBe(true)
    expect(read(['@ 1 result commit']).output.result).toBeUndefined()
  })

  it('keeps the first reason of a failure', () => {
    expect(read(['@ 1 fail a\n@ 2 fail b\n']).output.failure).toBe('a')
  })
})
