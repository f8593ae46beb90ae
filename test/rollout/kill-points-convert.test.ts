import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { tryEveryPoint } from './kill-points.js'
import { pacesOf, undoEvery } from './kill-variants.js'
import { edge1, factsOf, host, impatient, options, shells } from './lab-host.js'

const tried = shells.map((kind) => ({ kind, shell: kind.name, ...pacesOf(kind) }))

describe.each(tried)('a conversion in $shell', ({ kind, every, said }) => {
  it(`killed at ${said}, alone and with the power`, { timeout: 600_000 }, async () => {
    const edge = host(kind)
    const { calls } = await tryEveryPoint({
      host: edge,
      kind,
      async plan() {
        const found = hubTransaction(edge1, await factsOf(edge), options)
        return found && impatient(found)
      },
      every,
      undoEvery,
    })
    expect(calls).toBeGreaterThan(100)
  })
})
