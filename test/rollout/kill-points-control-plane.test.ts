import { describe, expect, it } from 'vitest'
import { planLifecycleOff, planLifecycleOn } from '../../src/plan/controller-manager.js'
import { hostFiles } from '../support/host-files.js'
import { tryEveryPoint } from './kill-points.js'
import { factsOf, host, impatient, release, shells } from './lab-host.js'

describe.concurrent.each(shells)("kube-controller-manager's edit in $name killed at every place", (kind) => {
  it('off', { timeout: 600_000 }, async () => {
    const master = host(kind, hostFiles.controlPlane)
    const { calls } = await tryEveryPoint({
      host: master,
      kind,
      async plan() {
        const found = planLifecycleOff(await factsOf(master), release)
        return found && impatient(found)
      },
      cutUndos: 'all',
    })
    expect(calls).toBeGreaterThan(8)
  })

  it('on again', { timeout: 600_000 }, async () => {
    const master = host(kind, hostFiles.controlPlane)
    const { calls } = await tryEveryPoint({
      host: master,
      kind,
      prepare: impatient(planLifecycleOff(await factsOf(master), release)),
      async plan() {
        const found = planLifecycleOn(await factsOf(master), [])
        return found && impatient(found)
      },
      cutUndos: 'all',
    })
    expect(calls).toBeGreaterThan(8)
  })
})
