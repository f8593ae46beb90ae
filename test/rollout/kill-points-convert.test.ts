import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { hostFiles } from '../support/host-files.js'
import { tryEveryPoint } from './kill-points.js'
import { variants, withFlags } from './kill-variants.js'
import { edge1, factsOf, host, impatient, options, shells } from './lab-host.js'

describe.concurrent.each(shells)(
  'a conversion in $name killed at every place, alone and with the power',
  (kind) => {
    it.each(variants)('flags $name', { timeout: 600_000 }, async ({ flags, linked, cutUndos }) => {
      const edge = host(kind, withFlags(hostFiles.edge, flags, linked))
      const { calls } = await tryEveryPoint({
        host: edge,
        kind,
        async plan() {
          const found = hubTransaction(edge1, await factsOf(edge), options)
          return found && impatient(found)
        },
        cutUndos,
      })
      expect(calls).toBeGreaterThan(100)
    })
  },
)
