import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { HostTransaction } from '../../src/plan/types.js'
import { forgetScript, transactionScripts } from '../../src/rollout/scripts.js'
import {
  bootUnitEnabled,
  createRecorder,
  cutPower,
  distinct,
  isNew,
  type KillPoint,
  type Recorder,
} from '../support/kill-points.js'
import type { ShellHost, ShellKind } from '../support/shell-host.js'
import { context, leftBehind, script } from './lab-host.js'

/** A transaction whose every point is tried, and what it must come to. */
export interface Scenario {
  host: ShellHost
  kind: ShellKind
  /** From the facts of now; undefined where nothing is left to do. */
  plan: () => Promise<HostTransaction | undefined>
  /** What runs before that transaction. */
  prepare?: HostTransaction
  /** Points that are tried; all, unless another scenario has tried the first ones. */
  which?: (journal: string) => boolean
  /** Of those points every so-many-th is tried. */
  every: number
  /** Undos that are cut in their turn start at every so-many-th point that is tried. */
  undoEvery: number
}

interface Expected {
  /** Without times where a file is written anew with its old bytes. */
  before: Record<string, string>
  done: Record<string, string>
  plan: HostTransaction
}

/** Counts of what was tried. */
export interface Tried {
  calls: number
  places: number
  kills: number
}

/**
 * Kills a transaction before and after each of its external commands, alone and with the whole host, and its undo in the
 * same way; each time the host must end as it was or done, and the next run must plan accordingly.
 */
export async function tryEveryPoint(scenario: Scenario): Promise<Tried> {
  const { host, kind } = scenario
  const recorder = createRecorder(host, kind.command)
  try {
    return await tryPoints(scenario, recorder)
  } finally {
    recorder.remove()
  }
}

async function tryPoints(scenario: Scenario, recorder: Recorder): Promise<Tried> {
  const { host, prepare, which = () => true } = scenario
  if (prepare !== undefined) {
    await complete(host, prepare, recorder)
    await forget(host, prepare)
  }
  const before = lastingPart(host)
  const plan = await scenario.plan()
  if (plan === undefined) throw new Error('there is nothing to do')
  await launch(host, plan)
  const folder = folderOf(plan)
  const points = await recorder.record(`${host.root}${folder}/apply`)
  await recorder.run(`${host.root}${folder}/undo`)
  expect(host.read(`${folder}/result`)).toBe('committed\n')
  const expected: Expected = { before, done: lastingPart(host), plan }
  const known = distinct(points).filter(({ state }) => which(journalIn(state, folder)))
  expect(known.length).toBeGreaterThan(5)
  const places = known.filter((_, index) => index % scenario.every === 0)
  let kills = 0
  const seen = new Set<string>()
  const booted = new Set<string>()
  const verified = new Set<string>()
  const settle = async (point: KillPoint, how: 'process' | 'power', last: boolean): Promise<void> => {
    kills++
    recorder.restore(point, last)
    if (how === 'power') {
      cutPower(host)
      // what differed in memory alone has been tried
      if (!isNew(host.root, booted)) return
      await boot(host, folder, recorder)
    } else await recorder.run(`${host.root}${folder}/undo`)
    await verify(scenario, expected, recorder, verified, `${how} killed ${point.at}`)
  }
  for (const [index, point] of places.entries()) {
    const cutsUndo = (index + 1) % scenario.undoEvery === 0 || index === places.length - 1
    await settle(point, 'process', false)
    await settle(point, 'power', !cutsUndo)
    if (!cutsUndo) continue
    recorder.restore(point, true)
    const undo = distinct(await recorder.record(`${host.root}${folder}/undo`), seen)
    for (const cut of undo) {
      const how = kills % 2 === 0 ? 'process' : 'power'
      await settle({ ...cut, at: `${point.at}, then its undo ${cut.at}` }, how, true)
    }
  }
  return { calls: points.length, places: places.length, kills }
}

/** What systemd does at the boot after a power cut, and then the next run. */
async function boot(host: ShellHost, folder: string, recorder: Recorder): Promise<void> {
  const undo = `${host.root}${folder}/undo`
  if (bootUnitEnabled(host)) await recorder.run(undo, 'boot')
  await recorder.run(`${host.root}/.lab/bin/systemctl`, 'start', 'kubelet.service')
  if (!host.exists(`${folder}/result`) || leftBehind(host).length > 0) await recorder.run(undo)
}

async function verify(
  scenario: Scenario,
  { before, done, plan }: Expected,
  recorder: Recorder,
  verified: Set<string>,
  what: string,
): Promise<void> {
  const { host } = scenario
  const folder = folderOf(plan)
  const committed = /^commit$/m.test(host.exists(`${folder}/journal`) ? host.read(`${folder}/journal`) : '')
  const result = host.read(`${folder}/result`).trim()
  expect({ what, result, left: leftBehind(host) }).toEqual({
    what,
    result: committed ? expect.stringMatching(/^(committed|unfinished)$/) : 'undone',
    left: [],
  })
  if (!committed) expect({ what, ...lastingPart(host) }).toEqual({ what, ...before })
  else if (plan.cleanup.length === 0) expect({ what, ...lastingPart(host) }).toEqual({ what, ...done })
  const key = createHash('sha256')
    .update(JSON.stringify([result, lastingPart(host)]))
    .digest('hex')
  if (verified.has(key)) return
  verified.add(key)
  await forget(host, plan)
  const next = await scenario.plan()
  if (!committed) expect({ what, next: withoutPull(next) }).toEqual({ what, next: withoutPull(plan) })
  else if (next !== undefined) await complete(host, next, recorder)
  if (committed) expect({ what, ...lastingPart(host) }).toEqual({ what, ...done })
}

async function complete(host: ShellHost, plan: HostTransaction, recorder: Recorder): Promise<void> {
  await launch(host, plan)
  for (const part of ['apply', 'undo']) await recorder.run(`${host.root}${folderOf(plan)}/${part}`)
  expect(host.read(`${folderOf(plan)}/result`)).toBe('committed\n')
}

/** Puts the transaction there; the recorder runs it. */
async function launch(host: ShellHost, plan: HostTransaction): Promise<void> {
  const { status, stderr } = await script(host, transactionScripts(plan, context).launch)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}

/** A finished transaction's folder out of the way of the next one of the same name; its journal stays for the plan. */
async function forget(host: ShellHost, plan: HostTransaction): Promise<void> {
  const id = folderOf(plan).split('/').at(-1) ?? ''
  if (host.read(`${folderOf(plan)}/result`) === 'undone\n') {
    await script(host, forgetScript(id))
    return
  }
  const runs = '"$YURT_SSH_ROOT/var/lib/yurt-ssh/runs"'
  await script(host, `n=$(ls ${runs} | wc -l); mv ${runs}/${id} ${runs}/"0-earlier-$n"`)
}

function folderOf({ kind }: HostTransaction): string {
  return `/var/lib/yurt-ssh/runs/${context.runId}-${kind}`
}

function journalIn(state: string, folder: string): string {
  const path = `${state}${folder}/journal`
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** An image that was pulled stays. */
function withoutPull(plan: HostTransaction | undefined): HostTransaction | undefined {
  return plan && { ...plan, steps: plan.steps.filter(({ kind }) => kind !== 'pull-image') }
}

/** The host without what a living hub goes on writing; whether one runs, where none should. */
export function lastingPart(host: ShellHost): Record<string, string> {
  const mayRun = host.exists('/etc/kubernetes/manifests/yurt-hub.yaml')
  return Object.fromEntries(
    Object.entries(host.snapshot())
      .filter(
        ([path]) => !/cache\/|yurthub-current|^\/run\/systemd/.test(path) && !(mayRun && path === 'hub'),
      )
      .map(([path, is]) => [path, is.replace(/ at \d+/, '')]),
  )
}
