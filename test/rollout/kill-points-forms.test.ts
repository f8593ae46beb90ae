import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { hostFiles } from '../support/host-files.js'
import { tryEveryPoint } from './kill-points.js'
import { sampleEvery, sampleSaid, undoEvery, variants, withFlags } from './kill-variants.js'
import { edge1, factsOf, host, impatient, options, shells } from './lab-host.js'

// kill-points-convert.test.ts has tried the first form; a shell's own ways show there
describe.each(shells.slice(0, 1))(`a conversion in $name killed at ${sampleSaid}`, (kind) => {
  it.each(variants.slice(1))('flags $name', { timeout: 600_000 }, async ({ flags, linked }) => {
    const edge = host(kind, withFlags(hostFiles.edge, flags, linked))
    const { calls } = await tryEveryPoint({
      host: edge,
      kind,
      async plan() {
        const found = hubTransaction(edge1, await factsOf(edge), options)
        return found && impatient(found)
      },
      // until its kubelet's turn comes, a host is the same whatever its flags
      which: (journal) => /^kubelet$/m.test(journal),
      every: sampleEvery,
      undoEvery,
    })
    expect(calls).toBeGreaterThan(100)
  })
})
