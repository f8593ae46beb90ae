import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { hostFiles } from '../support/host-files.js'
import { yurtctlHost } from '../support/yurtctl.js'
import { tryEveryPoint } from './kill-points.js'
import { undoEvery, variants, withFlags } from './kill-variants.js'
import { edge1, factsOf, host, impatient, options, shells } from './lab-host.js'

describe.each(shells)('a revert killed at every place, with $name', (kind) => {
  const tried = kind.name === 'dash' ? [variants[0], variants[4]] : variants.slice(0, 1)

  it.each(tried)('flags $name', { timeout: 240_000 }, async (variant) => {
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
      undoEvery,
    })
    expect(calls).toBeGreaterThan(60)
  })
})

describe.each(shells.slice(0, 1))(
  'a revert of what yurtctl did, killed at every place, with $name',
  (kind) => {
    it.each(['v0.5', 'v0.6'] as const)('yurtctl %s', { timeout: 240_000 }, async (version) => {
      const edge = host(kind, yurtctlHost(version))
      const adopting = { ...options, adopt: true }
      await tryEveryPoint({
        host: edge,
        kind,
        async plan() {
          const { transaction } = planHostRevert(await factsOf(edge), adopting)
          return transaction && impatient(transaction)
        },
        undoEvery,
      })
      const expected = host(kind, hostFiles.edge)
      const native = Object.keys(expected.snapshot()).filter((path) => path.startsWith('/'))
      expect(native.filter((path) => !edge.exists(path))).toEqual([])
    })
  },
)
