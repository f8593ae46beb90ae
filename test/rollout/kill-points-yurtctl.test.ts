import { describe, expect, it } from 'vitest'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { hostFiles } from '../support/host-files.js'
import { yurtctlHost } from '../support/yurtctl.js'
import { tryEveryPoint } from './kill-points.js'
import { factsOf, host, impatient, options, shells } from './lab-host.js'

describe.concurrent.each(shells)(`a revert of what yurtctl did, in $name, killed at every place`, (kind) => {
  it.each(['v0.5', 'v0.6'] as const)('yurtctl %s', { timeout: 600_000 }, async (version) => {
    const edge = host(kind, yurtctlHost(version))
    const adopting = { ...options, adopt: true }
    await tryEveryPoint({
      host: edge,
      kind,
      async plan() {
        const { transaction } = planHostRevert(await factsOf(edge), adopting)
        return transaction && impatient(transaction)
      },
      cutUndos: 'longest',
    })
    const expected = host(kind, hostFiles.edge)
    const native = Object.keys(expected.snapshot()).filter((path) => path.startsWith('/'))
    expect(native.filter((path) => !edge.exists(path))).toEqual([])
  })
})
