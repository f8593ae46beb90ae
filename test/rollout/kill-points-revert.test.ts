import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { hostFiles } from '../support/host-files.js'
import { tryEveryPoint } from './kill-points.js'
import { variants, withFlags } from './kill-variants.js'
import { edge1, factsOf, host, impatient, options, shells } from './lab-host.js'

describe.concurrent.each(shells)(
  'a revert in $name killed at every place, alone and with the power',
  (kind) => {
    it.each(variants)('flags $name', { timeout: 600_000 }, async ({ flags, linked, cutUndos }) => {
      const edge = host(kind, withFlags(hostFiles.edge, flags, linked))
      const conversion = hubTransaction(edge1, await factsOf(edge), options)
      const { calls } = await tryEveryPoint({
        host: edge,
        kind,
        prepare: impatient(conversion),
        async plan() {
          const { transaction } = planHostRevert(await factsOf(edge), options)
          return transaction && impatient(transaction)
        },
        cutUndos,
      })
      expect(calls).toBeGreaterThan(60)
    })
  },
)
