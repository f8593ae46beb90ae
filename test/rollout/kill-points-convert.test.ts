import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { hostFiles } from '../support/host-files.js'
import { tryEveryPoint } from './kill-points.js'
import { undoEvery, variants, withFlags } from './kill-variants.js'
import { edge1, factsOf, host, impatient, options, shells } from './lab-host.js'

describe.each(shells)('a conversion killed at every place, with $name', (kind) => {
  // a shell's own ways show in the first already
  const tried = kind.name === 'dash' ? variants : variants.slice(0, 1)

  it.each(tried)('flags $name', { timeout: 240_000 }, async ({ name, flags, linked }) => {
    const edge = host(kind, withFlags(hostFiles.edge, flags, linked))
    const { calls } = await tryEveryPoint({
      host: edge,
      kind,
      async plan() {
        const found = hubTransaction(edge1, await factsOf(edge), options)
        return found === undefined ? undefined : impatient(found)
      },
      // until its kubelet's turn comes, a host is the same whatever its flags
      ...(name === 'as kubeadm has them' ? {} : { which: (journal) => /^kubelet$/m.test(journal) }),
      undoEvery,
    })
    expect(calls).toBeGreaterThan(100)
  })
})
