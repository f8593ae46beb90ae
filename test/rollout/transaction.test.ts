import { describe, expect, it } from 'vitest'
import { runTransaction } from '../../src/rollout/transaction.js'
import { hasShell, shellKinds } from '../support/shell-host.js'
import { context, conversion, factsOf, host } from './lab-host.js'

const shells = shellKinds.filter(hasShell)

describe.each(shells)('in $name', (kind) => {
  it('try', async () => {
    const edge = host(kind)
    console.time('facts')
    const before = edge.snapshot()
    const plan = await conversion(edge)
    console.timeEnd('facts')
    const session = edge.connect()
    console.time('run')
    try {
    const done = await runTransaction(() => Promise.resolve(session), plan, context)
    console.log(done)
    } catch (error) { console.log(error) }
    console.timeEnd('run')
    console.log(edge.state('trace'), edge.state('unit-log'), edge.state('unit'))
    console.log(edge.read('/var/lib/yurt-ssh/runs/20260102t030405-abcd-hub/out'))
    console.log(edge.snapshot())
    expect(before).toEqual({})
  })
})
