import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import type { HostTransaction } from '../../src/plan/types.js'
import { followScript, transactionScripts } from '../../src/rollout/scripts.js'
import type { HostTree } from '../support/host-tree.js'
import {
  bootUnitEnabled,
  createRecorder,
  cutPower,
  type KillPoint,
  type Recorder,
} from '../support/kill-points.js'
import { fc, runs, seed } from '../support/properties.js'
import type { ShellHost, ShellKind, World } from '../support/shell-host.js'
import { lastingPart } from './kill-points.js'
import {
  context,
  edge1,
  factsOf,
  host,
  id,
  impatient,
  leftBehind,
  options,
  runFolder,
  script,
  shells,
} from './lab-host.js'

/** `npm run test:long` runs 10,000. */
const numRuns = runs(200)
const flagsPath = '/var/lib/kubelet/kubeadm-flags.env'
const somebodys = 'KUBELET_KUBEADM_ARGS="--by=somebody"\n'

/** What happens next to a host in the middle of a transaction. */
const events = [
  'kill',
  'power',
  'kill the undo',
  'link',
  'fault',
  'second client',
  'edit',
  'next run',
] as const
type Event = (typeof events)[number]

interface Start {
  name: string
  host: ShellHost
  recorder: Recorder
  points: KillPoint[]
  before: Record<string, string>
  flags: string
  /** What an event makes of a state: scripts repeat exactly, so each is run once. */
  known: Map<string, KillPoint[]>
}

interface Beginning {
  name: string
  kind: ShellKind
  verb: 'convert' | 'revert'
  world: World
}

const beginnings = shells.flatMap((kind): Beginning[] => [
  { name: `a conversion in ${kind.name}`, kind, verb: 'convert', world: {} },
  {
    name: `a conversion in ${kind.name} whose hub stays ill`,
    kind,
    verb: 'convert',
    world: { hub: 'never becomes healthy' },
  },
  {
    name: `a conversion in ${kind.name} whose kubelet stays ill`,
    kind,
    verb: 'convert',
    world: { kubelet: 'is not ready' },
  },
  { name: `a revert in ${kind.name}`, kind, verb: 'revert', world: {} },
  {
    name: `a revert in ${kind.name} whose kubelet stays ill`,
    kind,
    verb: 'revert',
    world: { kubelet: 'is not ready' },
  },
])

/** How many of all that happened was not the same event on the same host as before. */
async function different(starts: ReadonlyMap<string, Promise<Start>>): Promise<string> {
  const counts = await Promise.all([...starts.values()].map(async (start) => (await start).known.size))
  return `${counts.reduce((sum, count) => sum + count, 0)} different events`
}

describe.runIf(shells.length > 0)('whatever happens in whatever order', () => {
  const starts = new Map<string, Promise<Start>>()
  const startOf = (beginning: Beginning): Promise<Start> => {
    const known = starts.get(beginning.name) ?? prepare(beginning)
    starts.set(beginning.name, known)
    return known
  }

  it(`ends as it was or done, and nobody's edit is lost (${numRuns} runs, seed ${seed})`, {
    timeout: 7_200_000,
  }, async () => {
    let done = 0
    const property = fc.asyncProperty(
      fc.constantFrom(...beginnings),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.array(fc.tuple(fc.constantFrom(...events), fc.double({ min: 0, max: 0.999, noNaN: true })), {
        maxLength: 6,
      }),
      async (beginning, where, happenings) => {
        const start = await startOf(beginning)
        let { state } = pick(start.points, where)
        for (const [event, chance] of happenings) state = await after(start, state, event, chance)
        await judge(
          start,
          state,
          happenings.some(([event]) => event === 'edit'),
        )
        if (++done % 500 === 0)
          process.stderr.write(`${done} of ${numRuns} runs: ${await different(starts)}\n`)
      },
    )
    try {
      await fc.assert(property, { numRuns, endOnFailure: true })
    } finally {
      for (const start of starts.values()) (await start).recorder.remove()
    }
  })
})

async function prepare({ name, kind, verb, world }: Beginning): Promise<Start> {
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
    known: new Map(),
  }
}

async function launch(edge: ShellHost, plan: HostTransaction | undefined): Promise<void> {
  const { status, stderr } = await script(edge, transactionScripts(impatient(plan, 2), context).launch)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}

function pick(points: readonly KillPoint[], where: number): KillPoint {
  const point = points[Math.floor(where * points.length)]
  if (point === undefined) throw new Error('nothing was recorded')
  return point
}

/** The state that an event leaves, one of several where it may strike at several places. */
async function after(start: Start, state: HostTree, event: Event, chance: number): Promise<HostTree> {
  const key = `${event} ${state.sum}`
  if (!start.known.has(key)) {
    start.recorder.restore(state)
    start.known.set(key, await happen(start, state, event))
  }
  return pick(start.known.get(key) ?? [], chance).state
}

async function happen({ host: edge, recorder }: Start, state: HostTree, event: Event): Promise<KillPoint[]> {
  const undo = `${edge.root}${runFolder}/undo`
  switch (event) {
    case 'kill':
    case 'next run':
      await recorder.run(undo)
      break
    case 'power':
      cutPower(edge)
      if (bootUnitEnabled(edge)) await recorder.run(undo, 'boot')
      await recorder.run(`${edge.root}/.lab/bin/systemctl`, 'start', 'kubelet.service')
      break
    case 'kill the undo':
      return recorder.record(undo)
    case 'link': {
      const { status } = await script(edge, followScript(id))
      expect(status).toBe(edge.exists(`${runFolder}/result`) ? 0 : 76)
      expect(recorder.state().sum).toBe(state.sum)
      break
    }
    case 'fault':
      // a hub that does not go until somebody helps
      edge.setState('linger', '100000')
      break
    case 'second client': {
      if (!edge.exists('/var/lib/yurt-ssh/lock')) break
      const again = { ...context, runId: '20260102t030406-ffff' }
      const { status, stderr } = await script(edge, transactionScripts(nothing, again).launch)
      expect({ status, stderr }).toEqual({ status: 75, stderr: expect.stringMatching(/^open:/) })
      expect(recorder.state().sum).toBe(state.sum)
      break
    }
    case 'edit':
      writeFileSync(edge.root + flagsPath, somebodys)
  }
  return [{ at: event, state: recorder.state() }]
}

const nothing: HostTransaction = { kind: 'hub', verb: 'convert', steps: [], cleanup: [], deadlineSeconds: 60 }

async function judge(start: Start, state: HostTree, edited: boolean): Promise<void> {
  const key = `judge ${edited} ${state.sum}`
  if (start.known.has(key)) return
  const { host: edge, recorder, before, flags, name } = start
  const undo = `${edge.root}${runFolder}/undo`
  recorder.restore(state)
  rmSync(`${edge.root}/.lab/linger`, { force: true })
  await recorder.run(undo)
  const committed = edge.exists(`${runFolder}/journal`) && /^commit$/m.test(edge.read(`${runFolder}/journal`))
  const result = edge.read(`${runFolder}/result`).trim()
  if (edited) expect(readFileSync(edge.root + flagsPath, 'utf8'), `${name}: somebody's edit`).toBe(somebodys)
  if (committed) {
    expect(result).toMatch(/^(committed|unfinished)$/)
    expect(leftBehind(edge)).toEqual([])
  } else {
    if (edited) {
      // the operator puts the file back, as docs/transactions.md says, and the next run undoes the rest
      writeFileSync(edge.root + flagsPath, flags)
      await recorder.run(undo)
    } else expect(result, name).toBe('undone')
    expect(edge.read(`${runFolder}/result`), name).toBe('undone\n')
    expect({ name, ...lastingPart(edge) }).toEqual({ name, ...before })
    expect(leftBehind(edge)).toEqual([])
  }
  start.known.set(key, [])
}
