import { describe, expect, it } from 'vitest'
import { planLifecycleOff } from '../../src/plan/controller-manager.js'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import type { HostTransaction } from '../../src/plan/types.js'
import { transactionScripts } from '../../src/rollout/scripts.js'
import { hostFiles } from '../support/host-files.js'
import { createRecorder, type Recorder } from '../support/kill-points.js'
import type { ShellHost } from '../support/shell-host.js'
import { yurtctlHost } from '../support/yurtctl.js'
import { lastingPart } from './kill-points.js'
import { context, edge1, factsOf, host, impatient, leftBehind, options, script, shells } from './lab-host.js'

interface Row {
  name: string
  files?: typeof hostFiles.edge
  /** What runs first. */
  earlier?: (edge: ShellHost) => Promise<HostTransaction | undefined>
  plan: (edge: ShellHost) => Promise<HostTransaction | undefined>
}

const convert = async (edge: ShellHost): Promise<HostTransaction | undefined> =>
  hubTransaction(edge1, await factsOf(edge), options)

const rows: Row[] = [
  { name: 'a conversion', plan: convert },
  {
    name: 'a revert',
    earlier: convert,
    plan: async (edge) => planHostRevert(await factsOf(edge), options).transaction,
  },
  {
    name: 'a revert of what yurtctl v0.5 did',
    files: yurtctlHost('v0.5'),
    plan: async (edge) => planHostRevert(await factsOf(edge), { ...options, adopt: true }).transaction,
  },
  {
    name: "kube-controller-manager's edit",
    files: hostFiles.controlPlane,
    plan: async (edge) => planLifecycleOff(await factsOf(edge), options.release),
  },
]

describe.concurrent.each(shells)('a journal that lost its end, in $name', (kind) => {
  it.each(rows)('$name', { timeout: 300_000 }, async ({ files, earlier, plan }) => {
    const edge = host(kind, files)
    const recorder = createRecorder(edge, kind.command)
    try {
      if (earlier !== undefined) {
        const folder = await launch(edge, await earlier(edge))
        for (const part of ['apply', 'undo']) await recorder.run(`${edge.root}${folder}/${part}`)
        await script(edge, `mv "$YURT_SSH_ROOT${folder}" "$YURT_SSH_ROOT/var/lib/yurt-ssh/runs/0-earlier"`)
      }
      const before = lastingPart(edge)
      const folder = await launch(edge, await plan(edge))
      await recorder.run(`${edge.root}${folder}/apply`)
      expect(edge.read(`${folder}/journal`)).toMatch(/^commit$/m)
      await cutAtEachPlace(edge, recorder, folder, before)
    } finally {
      recorder.remove()
    }
  })
})

async function launch(edge: ShellHost, plan: HostTransaction | undefined): Promise<string> {
  const { id, launch: text } = transactionScripts(impatient(plan), context)
  expect(await script(edge, text)).toMatchObject({ status: 0, stderr: '' })
  return `/var/lib/yurt-ssh/runs/${id}`
}

/** Undone and as it was, or untouched and why is said; or committed, with the line that says so. */
async function cutAtEachPlace(
  edge: ShellHost,
  recorder: Recorder,
  folder: string,
  before: Record<string, string>,
): Promise<void> {
  const [whole, state, done] = [edge.read(`${folder}/journal`), recorder.state(), withoutOurs(edge)]
  const results = new Set<string>()
  for (const length of cuts(whole)) {
    recorder.restore(state)
    const kept = whole.slice(0, length)
    edge.write(`${folder}/journal`, kept)
    await recorder.run(`${edge.root}${folder}/undo`)
    const result = edge.read(`${folder}/result`).trim()
    const what = { journal: kept, result }
    results.add(result)
    expect({ ...what, left: leftBehind(edge) }).toEqual({ ...what, left: [] })
    if (result === 'undone') expect({ ...what, ...lastingPart(edge) }).toEqual({ ...what, ...before })
    else expect({ ...what, ...withoutOurs(edge) }).toEqual({ ...what, ...done })
    if (result === 'damaged')
      expect(edge.read(`${folder}/out`)).toMatch(
        /fail the journal (has lost lines, it does not name \/|is gone)/,
      )
    else if (result !== 'undone') expect(kept).toMatch(/^commit$/m)
  }
  expect([...results]).toEqual(expect.arrayContaining(['damaged', 'unfinished', 'committed']))
}

/** Without the boot unit, which goes with the transaction. */
function withoutOurs(edge: ShellHost): Record<string, string> {
  return Object.fromEntries(
    Object.entries(lastingPart(edge)).filter(([path]) => !path.includes('yurt-ssh-recover')),
  )
}

/** Lengths: at both ends of each line and in its middle, and each byte of a short one, whose whole text is its meaning. */
function cuts(text: string): number[] {
  const lengths = new Set<number>()
  let start = 0
  for (const line of text.split('\n')) {
    const within = line.length < 12 ? Array.from(line, (_, at) => at) : [0, 1, Math.floor(line.length / 2)]
    for (const at of [...within, line.length]) lengths.add(start + at)
    start += line.length + 1
  }
  return [...lengths]
}
