import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import type { HostTransaction } from '../../src/plan/types.js'
import { transactionScripts } from '../../src/rollout/scripts.js'
import {
  bootUnitEnabled,
  createRecorder,
  cutPower,
  type KillPoint,
  type Recorder,
} from '../support/kill-points.js'
import type { ShellHost, World } from '../support/shell-host.js'
import { lastingPart } from './kill-points.js'
import {
  context,
  edge1,
  factsOf,
  host,
  impatient,
  leftBehind,
  options,
  runFolder,
  script,
  shells,
} from './lab-host.js'

/** `npm run test:long` runs 10,000; a seed in INTERLEAVING_SEED repeats a run. */
const runs = Number(process.env.INTERLEAVINGS ?? 24)
const seed = Number(process.env.INTERLEAVING_SEED ?? 20260102)
const flagsPath = '/var/lib/kubelet/kubeadm-flags.env'
const somebodys = 'KUBELET_KUBEADM_ARGS="--by=somebody"\n'

/** What happens next to a host in the middle of a transaction. */
type Event = 'kill' | 'power' | 'kill the undo' | 'second client' | 'edit' | 'next run'
const events: Event[] = ['kill', 'power', 'kill the undo', 'second client', 'edit', 'next run']

interface Start {
  name: string
  host: ShellHost
  recorder: Recorder
  points: KillPoint[]
  before: Record<string, string>
  flags: string
}

const worlds: [string, 'convert' | 'revert', World][] = [
  ['a conversion', 'convert', {}],
  ['a conversion whose hub stays ill', 'convert', { hub: 'never becomes healthy' }],
  ['a conversion whose kubelet stays ill', 'convert', { kubelet: 'is not ready' }],
  ['a revert', 'revert', {}],
  ['a revert whose kubelet stays ill', 'revert', { kubelet: 'is not ready' }],
]

describe.runIf(shells.length > 0)('whatever happens in whatever order', () => {
  const starts = new Map<string, Promise<Start>>()
  const startOf = (world: (typeof worlds)[number]): Promise<Start> => {
    const known = starts.get(world[0]) ?? prepare(...world)
    starts.set(world[0], known)
    return known
  }

  it(`ends as it was or done, and nobody's edit is lost (${runs} runs, seed ${seed})`, {
    timeout: 7_200_000,
  }, async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...worlds),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.array(fc.tuple(fc.constantFrom(...events), fc.double({ min: 0, max: 0.999, noNaN: true })), {
        maxLength: 4,
      }),
      async (world, where, happenings) => {
        const start = await startOf(world)
        const point = start.points[Math.floor(where * start.points.length)]
        if (point === undefined) throw new Error('nothing was recorded')
        start.recorder.restore(point)
        let edited = false
        for (const [event, chance] of happenings) edited = (await happen(start, event, chance)) || edited
        await judge(start, edited)
      },
    )
    try {
      await fc.assert(property, { numRuns: runs, seed, endOnFailure: true })
    } finally {
      for (const start of starts.values()) (await start).recorder.remove()
    }
  })
})

async function prepare(name: string, verb: 'convert' | 'revert', world: World): Promise<Start> {
  const [kind] = shells
  if (kind === undefined) throw new Error('no shell')
  const edge = host(kind)
  const recorder = createRecorder(edge, kind.command)
  const undo = `${edge.root}${runFolder}/undo`
  if (verb === 'revert') {
    await launch(edge, hubTransaction(edge1, await factsOf(edge), options))
    await recorder.run(`${edge.root}${runFolder}/apply`)
    await recorder.run(undo)
    await script(edge, `mv "$YURT_SSH_ROOT${runFolder}" "$YURT_SSH_ROOT/var/lib/yurt-ssh/runs/0-earlier"`)
  }
  const facts = await factsOf(edge)
  const plan =
    verb === 'convert' ? hubTransaction(edge1, facts, options) : planHostRevert(facts, options).transaction
  const [before, flags] = [lastingPart(edge), edge.read(flagsPath)]
  edge.behave(world)
  await launch(edge, plan)
  return {
    name,
    host: edge,
    recorder,
    points: await recorder.record(`${edge.root}${runFolder}/apply`),
    before,
    flags,
  }
}

async function launch(edge: ShellHost, plan: HostTransaction | undefined): Promise<void> {
  const { status, stderr } = await script(edge, transactionScripts(impatient(plan, 2), context).launch)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}

/** Whether somebody edited the flags file. */
async function happen({ host: edge, recorder }: Start, event: Event, chance: number): Promise<boolean> {
  const undo = `${edge.root}${runFolder}/undo`
  if (event === 'kill' || event === 'next run') await recorder.run(undo)
  if (event === 'power') {
    cutPower(edge)
    if (bootUnitEnabled(edge)) await recorder.run(undo, 'boot')
    await recorder.run(`${edge.root}/.lab/bin/systemctl`, 'start', 'kubelet.service')
  }
  if (event === 'kill the undo') {
    const points = await recorder.record(undo)
    const cut = points[Math.floor(chance * points.length)]
    if (cut !== undefined) recorder.restore(cut)
  }
  if (event === 'second client' && edge.exists('/var/lib/yurt-ssh/lock')) {
    const again = { ...context, runId: '20260102t030406-ffff' }
    const plan: HostTransaction = {
      kind: 'hub',
      verb: 'convert',
      steps: [],
      cleanup: [],
      deadlineSeconds: 60,
    }
    const { status, stderr } = await script(edge, transactionScripts(plan, again).launch)
    expect({ status, stderr }).toEqual({ status: 75, stderr: expect.stringMatching(/^open:/) })
  }
  if (event !== 'edit') return false
  writeFileSync(edge.root + flagsPath, somebodys)
  return true
}

async function judge({ host: edge, recorder, before, flags, name }: Start, edited: boolean): Promise<void> {
  const undo = `${edge.root}${runFolder}/undo`
  await recorder.run(undo)
  const committed = edge.exists(`${runFolder}/journal`) && /^commit$/m.test(edge.read(`${runFolder}/journal`))
  const result = edge.read(`${runFolder}/result`).trim()
  if (edited) expect(readFileSync(edge.root + flagsPath, 'utf8'), `${name}: somebody's edit`).toBe(somebodys)
  if (committed) {
    expect(result).toMatch(/^(committed|unfinished)$/)
    expect(leftBehind(edge)).toEqual([])
    return
  }
  if (edited) {
    // the operator puts the file back, as docs/transactions.md says, and the next run undoes the rest
    writeFileSync(edge.root + flagsPath, flags)
    await recorder.run(undo)
  } else expect(result, name).toBe('undone')
  expect(edge.read(`${runFolder}/result`), name).toBe('undone\n')
  expect({ name, ...lastingPart(edge) }).toEqual({ name, ...before })
  expect(leftBehind(edge)).toEqual([])
}
