import { describe, expect, it } from 'vitest'
import { planLifecycleOff, planLifecycleOn } from '../../src/plan/controller-manager.js'
import { hostFiles } from '../support/host-files.js'
import { tryEveryPoint } from './kill-points.js'
import { undoEvery } from './kill-variants.js'
import { factsOf, host, impatient, shells } from './lab-host.js'

describe.each(shells)("kube-controller-manager's edit killed at every place, with $name", (kind) => {
  it('off', { timeout: 240_000 }, async () => {
    const master = host(kind, hostFiles.controlPlane)
    const { places } = await tryEveryPoint({
      host: master,
      kind,
      async plan() {
        const found = planLifecycleOff(await factsOf(master))
        return found && impatient(found)
      },
      undoEvery,
    })
    expect(places).toBeGreaterThan(8)
  })

  it('on again', { timeout: 240_000 }, async () => {
    const master = host(kind, hostFiles.controlPlane)
    const { places } = await tryEveryPoint({
      host: master,
      kind,
      prepare: impatient(planLifecycleOff(await factsOf(master))),
      async plan() {
        const found = planLifecycleOn(await factsOf(master), [])
        return found && impatient(found)
      },
      undoEvery,
    })
    expect(places).toBeGreaterThan(8)
  })
})
