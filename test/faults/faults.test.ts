import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { yurtSsh } from '../e2e/support/cli.js'
import { waitSame } from '../e2e/support/snapshot-lab.js'
import { clientFaults } from './cases/client.js'
import { hostFaults } from './cases/host.js'
import { masterFaults } from './cases/master.js'
import { stories } from './cases/stories.js'
import { choose, noteRun } from './support/history.js'
import { rounds, runRound } from './support/rounds.js'

const workers = [...hostFaults, ...clientFaults, ...stories]
const only = process.env.FAULT_ONLY === undefined ? undefined : new RegExp(process.env.FAULT_ONLY)
const candidates = [...masterFaults, ...workers].filter(({ name }) => only?.test(name) ?? true)
const chosen = choose(candidates, Number(process.env.FAULT_MINUTES ?? 1e6))

describe('on the control plane, alone', () => {
  for (const fault of masterFaults) {
    it.runIf(chosen.has(fault.name))(fault.name, async () => {
      await fault.tell()
      noteRun(fault.name)
    })
  }
})

describe('on edge hosts', () => {
  const planned = rounds(workers.filter(({ name }) => chosen.has(name)))

  beforeAll(async () => {
    if (planned.length === 0) return
    // the control plane once, and a host that keeps a revert of the others from taking it back
    const { status, text } = await yurtSsh('convert', ['--yes', '--limit', 'cloud-1'])
    expect(status, text).toBe(0)
  })

  for (const round of planned) {
    let ran: ReturnType<typeof runRound> | undefined
    const verdicts = (): ReturnType<typeof runRound> => (ran ??= runRound(round, inject('native')))
    for (const { fault, node } of round.cases) {
      it(`${fault.name} (${fault.kind === 'run' ? 'edge-1 and edge-2' : node})`, async () => {
        const verdict = (await verdicts()).get(fault.name)
        if (verdict !== undefined) throw verdict
      })
    }
  }
  for (const { name } of workers.filter((fault) => !chosen.has(fault.name))) it.skip(name, () => {})
})

describe('after all of them', () => {
  let reverted: { status: number; text: string } | undefined
  afterAll(() => expect(reverted?.status).toBe(0))

  it('a revert leaves hosts and cluster as they were before the suite', async () => {
    reverted = await yurtSsh('revert', ['--yes'])
    expect(reverted.status, reverted.text).toBe(0)
    await waitSame(inject('native'))
  })
})
