import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { HostTransaction } from '../../src/plan/types.js'
import { forgetScript, transactionScripts } from '../../src/rollout/scripts.js'
import type { HostTree } from '../support/host-tree.js'
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
  /** Which undos are cut in their turn, at each of their places; the longest does all that a shorter one does. */
  cutUndos: 'all' | 'longest'
}

interface Expected {
  /** Without times where a file is written anew with its old bytes. */
  before: Record<string, string>
  done: Record<string, string>
  plan: HostTransaction
}

/** Counts of what was tried. */
export interface Tried {
  /** Before and after each external command of the transaction. */
  calls: number
  /** Of those the ones at which the host is not the same as at another. */
  places: number
  /** Kills, of the transaction and of its undos. */
  kills: number
}

/**
 * Kills a transaction before and after each of its external commands, alone and with the whole host, and each undo that
 * follows in the same way; each time the host must end as it was or done, and the next run must plan accordingly.
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
  const { host, prepare } = scenario
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
  const [killed, cut, verified] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const places = distinct(points, killed)
  expect(places.length).toBeGreaterThan(5)
  let kills = 0
  /** Kills there and lets the undo run by `how`; what that returns, nothing where the same has been tried. */
  const settle = async <T>(
    { at, state }: KillPoint,
    how: 'process' | 'power',
    undo: Undo<T>,
  ): Promise<T | undefined> => {
    recorder.restore(state)
    if (how === 'power') {
      cutPower(host)
      // what differed in memory alone has been tried
      if (!isNew(recorder.state(), cut)) return undefined
    }
    kills++
    const result =
      how === 'power' ? await boot(host, folder, recorder, undo) : await undo(undoOf(host, folder))
    await verify(scenario, expected, recorder, verified, `${how} killed ${at}`)
    return result
  }
  const longest = places.findLastIndex(({ state }) => !isCommitted(state, folder))
  for (const [index, place] of places.entries()) {
    const cuts = scenario.cutUndos === 'all' || index === longest
    for (const how of ['process', 'power'] as const) {
      if (!cuts) {
        await settle(place, how, recorder.run)
        continue
      }
      const undo = distinct((await settle(place, how, recorder.record)) ?? [], killed)
      for (const cutAt of undo) {
        const point = { ...cutAt, at: `${place.at} (${how}), then its undo ${cutAt.at}` }
        await settle(point, 'process', recorder.run)
        await settle(point, 'power', recorder.run)
      }
    }
  }
  return { calls: points.length, places: places.length, kills }
}

/** Runs an undo script. */
type Undo<T> = (script: string, ...args: string[]) => Promise<T>

function undoOf({ root }: ShellHost, folder: string): string {
  return `${root}${folder}/undo`
}

/** What systemd does at the boot after a power cut, and then the next run. */
async function boot<T>(
  host: ShellHost,
  folder: string,
  recorder: Recorder,
  undo: Undo<T>,
): Promise<T | undefined> {
  const script = undoOf(host, folder)
  const result = bootUnitEnabled(host) ? await undo(script, 'boot') : undefined
  await recorder.run(`${host.root}/.lab/bin/systemctl`, 'start', 'kubelet.service')
  if (!host.exists(`${folder}/result`) || leftBehind(host).length > 0) await recorder.run(script)
  return result
}

function isCommitted({ entries }: HostTree, folder: string): boolean {
  return /^commit$/m.test(entries.get(`${folder}/journal`)?.text ?? '')
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
