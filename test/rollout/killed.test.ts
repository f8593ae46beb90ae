import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findUnsettled, settle } from '../../src/commands/settle.js'
import type { Site } from '../../src/commands/site.js'
import { forgetScript, transactionScripts } from '../../src/rollout/scripts.js'
import { hostFiles } from '../support/host-files.js'
import type { ShellHost } from '../support/shell-host.js'
import {
  context,
  conversion,
  factsOf,
  host,
  id,
  kubeconfigInUse,
  leftBehind,
  release,
  reversion,
  run,
  runFolder,
  script,
  shells,
} from './lab-host.js'

/** Every so-many-th place is killed at for real; kill-points.ts tries them all by putting back what a kill leaves. */
const every = 14
/** Calls of tools that change something during a conversion and its undo, a few more than there are. */
const places = Array.from({ length: 62 }, (_, index) => index + 1)
const chosen = (offset: number): number[] => places.filter((place) => (place + offset) % every === 0)

describe.concurrent.each(shells)('on a host with $name', (kind) => {
  const offset = shells.indexOf(kind) * 4

  it.each(chosen(offset))(
    'killed before its change %i: its undo runs, the host is as it was',
    async (place) => {
      const edge = host(kind, hostFiles.edge, { trace: true })
      const before = edge.snapshot()
      edge.setState('kill', `apply ${place} process`)
      await launch(edge, await script(edge, transactionScripts(await conversion(kind), context).launch))
      if (committed(edge)) {
        expect(edge.read(`${runFolder}/result`)).toMatch(/^(committed|unfinished)\n$/)
        expect(kubeconfigInUse(edge)).toBe(release.hub.kubeconfig)
        return
      }
      expect(edge.snapshot()).toEqual(before)
      expectUntouched(edge, 'undone\n')
    },
  )

  it.each(chosen(offset + 2))('power cut before its change %i: its next boot puts it back', async (place) => {
    const edge = host(kind, hostFiles.edge, { trace: true })
    const before = edge.snapshot()
    edge.setState('kill', `apply ${place} power`)
    await launch(edge, await script(edge, transactionScripts(await conversion(kind), context).launch))
    const restarts = calls(edge, 'restart kubelet.service')
    edge.boot()
    expect(calls(edge, 'restart kubelet.service')).toBe(restarts)
    if (committed(edge)) return
    await recover(edge)
    expect(edge.snapshot()).toEqual(before)
    expectUntouched(edge)
  })

  it.each(chosen(offset + 5).filter((place) => place < 24))(
    'an undo killed before its change %i is run again, by the next run or the next boot',
    async (place) => {
      const edge = host(kind, hostFiles.edge, { trace: true })
      const before = edge.snapshot()
      edge.behave({ kubelet: 'is not ready' })
      const how = place % 2 === 0 ? 'power' : 'process'
      edge.setState('kill', `undo ${place} ${how}`)
      await launch(edge, await script(edge, transactionScripts(await conversion(kind, 3), context).launch))
      if (how === 'power') edge.boot()
      await recover(edge)
      expect(edge.snapshot()).toEqual(before)
      expectUntouched(edge)
      edge.behave({ kubelet: 'runs' })
      rmSync(`${edge.root}/.lab/kill`, { force: true })
      expect((await script(edge, transactionScripts(await conversion(kind), context).launch)).status).toBe(0)
      await edge.settled()
      expect(edge.read(`${runFolder}/result`)).toBe('committed\n')
    },
  )

  it('killed in its clean-up: nothing is undone, the next run does what is left', async () => {
    const edge = host(kind, hostFiles.edge, { trace: true })
    await run(edge, await conversion(kind))
    const plan = await reversion(edge)
    await script(edge, forgetScript(id))
    edge.setState('kill', 'apply @/manifests/yurt-hub.yaml process')
    const error = await run(edge, plan).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'HOST_UNFINISHED' })
    expect(edge.read(`${runFolder}/result`)).toBe('unfinished\n')
    expect(kubeconfigInUse(edge)).toBe('/etc/kubernetes/kubelet.conf')
    expect(leftBehind(edge)).toEqual([])
    await script(edge, forgetScript(id))
    await run(edge, await reversion(edge))
    expect(Object.keys(edge.snapshot()).filter((path) => /yurt|openyurt|cache/.test(path))).toEqual([
      '/.yurt-ssh-lab',
    ])
  })

  it('an undo may be repeated, and one of a committed transaction does nothing', async () => {
    const edge = host(kind)
    await run(edge, await conversion(kind))
    const before = edge.snapshot()
    for (const mode of ['', 'boot'])
      await script(edge, `$LAB_SHELL "$YURT_SSH_ROOT${runFolder}/undo" ${mode}`)
    expect(edge.read(`${runFolder}/result`)).toBe('committed\n')
    expect(Object.keys(edge.snapshot())).toEqual(Object.keys(before))
  })

  it('every change is announced in the journal, on disk, before it happens', async () => {
    const edge = host(kind, hostFiles.edge, { trace: true })
    await run(edge, await conversion(kind))
    const lines = edge
      .state('trace')
      .replaceAll(edge.root, '')
      .split('\n')
      .map((line) => line.split('\t'))
    const apply = lines
      .filter(([part]) => part === 'apply')
      .map(([, , call = '', journal = '']) => ({ call, journal }))
    const ours = /^(sync|\S+ (-\S+ )*\/var\/lib\/yurt-ssh)|yurt-ssh-recover\.service|\/\.yurt-ssh\.\S+$/
    const effects = apply.filter(({ call }) => !ours.test(call))
    expect(effects.length).toBeGreaterThan(8)
    for (const effect of effects) {
      const target = effect.call.split(' ').at(-1) ?? ''
      if (effect.call.startsWith('cp ')) continue
      expect(effect.journal.endsWith(` ${target}`) && /^(write|mkdir|tree) /.test(effect.journal)).toBe(true)
      const synced = apply.findIndex(
        ({ call, journal }) => call.endsWith('/journal') && journal === effect.journal,
      )
      expect(synced).toBeGreaterThanOrEqual(0)
      expect(synced).toBeLessThan(apply.indexOf(effect))
    }
  })

  it('says that a signal stopped it, also where that came while it compared times', async () => {
    const edge = host(kind)
    edge.write('/proc/uptime', '0.00 0.00\n')
    const compares = /( +set -- \$1 \$2\n)/
    const { launch: text } = transactionScripts(await conversion(kind), context)
    expect(text).toMatch(compares)
    await launch(edge, await script(edge, text.replace(compares, '$1  kill -s TERM $$$$\n')))
    expect(edge.read(`${runFolder}/out`)).toMatch(/^@ \d+ fail stopped by a signal$/m)
    expect(edge.read(`${runFolder}/result`)).toBe('undone\n')
  })

  it('the undo is on disk before the first change', async () => {
    const edge = host(kind, hostFiles.edge, { trace: true })
    await run(edge, await conversion(kind))
    const calls = edge
      .state('trace')
      .split('\n')
      .map((line) => line.split('\t')[2] ?? '')
    const synced = calls.findIndex(
      (call) =>
        call.startsWith('sync ') && call.split(' ').some((path) => path.endsWith(`${runFolder}/undo`)),
    )
    expect(synced).toBeGreaterThanOrEqual(0)
    expect(synced).toBeLessThan(calls.findIndex((call) => call.endsWith('/var/lib/yurthub')))
  })
})

async function launch(
  edge: ShellHost,
  { status, stderr }: { status: number; stderr: string },
): Promise<void> {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  await edge.settled()
}

function committed(edge: ShellHost): boolean {
  const journal = `${runFolder}/journal`
  return edge.exists(journal) && /^commit$/m.test(edge.read(journal))
}

describe.each(shells)('after a power cut on a host with $name', (kind) => {
  it('a lock that came back empty goes with the transaction that the boot undoes', async () => {
    const edge = host(kind, hostFiles.edge, { trace: true })
    const before = edge.snapshot()
    edge.setState('kill', 'apply 20 power')
    await launch(edge, await script(edge, transactionScripts(await conversion(kind), context).launch))
    edge.write('/var/lib/yurt-ssh/lock', '')
    edge.boot()
    expect(edge.exists('/var/lib/yurt-ssh/lock')).toBe(false)
    await recover(edge)
    expect(edge.snapshot()).toEqual(before)
    expectUntouched(edge)
  })
})

/** What the next run does first. */
async function recover(edge: ShellHost): Promise<void> {
  const session = edge.connect()
  const site = { connect: () => Promise.resolve(session) } as unknown as Site
  const unsettled = findUnsettled(new Map([['edge-1', await factsOf(edge)]]))
  expect([...(await settle(site, unsettled, new AbortController().signal))]).toEqual([])
  session.close()
}

function expectUntouched(edge: ShellHost, result?: string): void {
  expect(kubeconfigInUse(edge)).toBe('/etc/kubernetes/kubelet.conf')
  expect(leftBehind(edge)).toEqual([])
  if (result !== undefined) expect(edge.read(`${runFolder}/result`)).toBe(result)
}

function calls(edge: ShellHost, text: string): number {
  return edge
    .state('systemctl-calls')
    .split('\n')
    .filter((line) => line === text).length
}
