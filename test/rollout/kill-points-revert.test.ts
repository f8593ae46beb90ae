import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { hostFiles } from '../support/host-files.js'
import { tryEveryPoint } from './kill-points.js'
import { pacesOf, sampleEvery, sampleSaid, undoEvery, variants, withFlags } from './kill-variants.js'
import { edge1, factsOf, host, impatient, options, shells } from './lab-host.js'

const [first, missing] = [variants[0], variants[4]]
const tried = shells.flatMap((kind) => [
  { kind, shell: kind.name, variant: first, flags: first?.name, ...pacesOf(kind) },
  ...(kind.name === 'dash'
    ? [
        {
          kind,
          shell: kind.name,
          variant: missing,
          flags: missing?.name,
          every: sampleEvery,
          said: sampleSaid,
        },
      ]
    : []),
])

describe('a revert', () => {
  it.each(tried)(
    'in $shell, flags $flags, killed at $said, alone and with the power',
    { timeout: 600_000 },
    async ({ kind, variant, every }) => {
      const edge = host(kind, withFlags(hostFiles.edge, variant?.flags, variant?.linked))
      const conversion = hubTransaction(edge1, await factsOf(edge), options)
      const { calls } = await tryEveryPoint({
        host: edge,
        kind,
        prepare: impatient(conversion),
        async plan() {
          const { transaction } = planHostRevert(await factsOf(edge), options)
          return transaction && impatient(transaction)
        },
        every,
        undoEvery,
      })
      expect(calls).toBeGreaterThan(60)
    },
  )
})
