import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { forgetScript, transactionScripts } from '../../src/rollout/scripts.js'
import { recoverTransaction } from '../../src/rollout/transaction.js'
import type { ShellHost } from '../support/shell-host.js'
import {
  context,
  conversion,
  factsOf,
  host,
  id,
  impatient,
  leftBehind,
  options,
  release,
  run,
  runFolder,
  script,
  shells,
  withoutTimes,
} from './lab-host.js'

const journal = `${runFolder}/journal`
const flagsPath = '/var/lib/kubelet/kubeadm-flags.env'

/** A host whose conversion lost its power once the kubelet's flags were in place. */
async function cutOff(
  kind: (typeof shells)[number],
  place = flagsPath,
): Promise<{ edge: ShellHost; before: Record<string, string> }> {
  const edge = host(kind, undefined, { trace: true })
  const before = edge.snapshot()
  edge.setState('kill', `apply @${place} power`)
  await script(edge, transactionScripts(await conversion(kind), context).launch)
  await edge.settled()
  edge.setState('unit', 'inactive')
  return { edge, before }
}

function recover(edge: ShellHost): Promise<unknown> {
  const session = edge.connect()
  return recoverTransaction(() => Promise.resolve(session), id)
    .catch((error: unknown) => error)
    .finally(() => session.close())
}

async function revert(edge: ShellHost): Promise<string[]> {
  const { transaction, notes } = planHostRevert(await factsOf(edge), options)
  await run(edge, impatient(transaction))
  return notes
}

describe.each(shells)('what was kept on a host with $name is damaged', (kind) => {
  it('a journal line: the undo stops there, and says so', { timeout: 30_000 }, async () => {
    const { edge } = await cutOff(kind)
    const lines = edge.read(journal)
    edge.write(journal, lines.replace(/^write 3 .*$/m, 'write \u0001\u0001 garbage'))
    expect(await recover(edge)).toMatchObject({
      code: 'HOST_DAMAGED',
      message: expect.stringMatching(/the journal is damaged.*garbage/),
    })
    expect(edge.read(`${runFolder}/result`)).toBe('damaged\n')
    expect(leftBehind(edge)).toEqual([])
    // what came after the line is undone, what came before it stays
    expect(edge.exists('/var/lib/openyurt')).toBe(false)
    expect(edge.exists('/etc/kubernetes/manifests/yurt-hub.yaml')).toBe(true)
    expect(edge.exists('/var/lib/yurthub')).toBe(true)
  })

  it('then a revert takes out what is recognisable: the host is as it was', { timeout: 30_000 }, async () => {
    const { edge, before } = await cutOff(kind)
    edge.write(journal, edge.read(journal).replace(/^write 3 .*$/m, 'write \u0001\u0001 garbage'))
    await recover(edge)
    edge.boot()
    await script(edge, `mv "$YURT_SSH_ROOT${runFolder}" "$YURT_SSH_ROOT/var/lib/yurt-ssh/runs/0-earlier"`)
    expect(await revert(edge)).toContainEqual(expect.stringMatching(/is damaged: what is recognisably ours/))
    await script(edge, forgetScript())
    expect(withoutTimes(edge.snapshot())).toEqual(withoutTimes(before))
  })

  it('a tree line that names another folder removes nothing', { timeout: 30_000 }, async () => {
    const { edge } = await cutOff(kind)
    edge.write('/srv/data/precious', 'x\n')
    edge.write(journal, edge.read(journal).replace(/^tree \/etc\/kubernetes\/cache$/m, 'tree /srv/data'))
    expect(await recover(edge)).toMatchObject({ code: 'HOST_DAMAGED' })
    expect(edge.read('/srv/data/precious')).toBe('x\n')
  })

  it('a backup: the undo puts nothing else in its place', { timeout: 30_000 }, async () => {
    // the folder's sync comes right after the flags file has its new bytes
    const { edge } = await cutOff(kind, '/var/lib/kubelet')
    writeFileSync(`${edge.root}${runFolder}/backup/5`, 'KUBELET_KUBEADM_ARGS=""\n')
    expect(await recover(edge)).toMatchObject({
      code: 'HOST_DAMAGED',
      message: expect.stringContaining(`the backup of ${flagsPath} is gone or damaged`),
    })
    expect(edge.read(flagsPath)).toContain(release.hub.kubeconfig)
    expect(edge.exists('/etc/kubernetes/manifests/yurt-hub.yaml')).toBe(true)
  })

  it('the whole journal, gone or empty: nothing that it may have announced is touched, and it says so', {
    timeout: 30_000,
  }, async () => {
    for (const spoil of [(path: string) => rmSync(path), (path: string) => writeFileSync(path, '')]) {
      const { edge } = await cutOff(kind)
      spoil(edge.root + journal)
      const before = edge.snapshot()
      expect(await recover(edge)).toMatchObject({
        code: 'HOST_DAMAGED',
        message: expect.stringContaining('the journal is gone'),
      })
      expect(Object.keys(before).filter((path) => !edge.exists(path) && path.startsWith('/'))).toEqual([
        '/etc/systemd/system/multi-user.target.wants/yurt-ssh-recover.service',
        '/etc/systemd/system/yurt-ssh-recover.service',
        '/run/systemd/system/yurt-ssh.service',
        // ours, and not announced yet
        '/var/lib/kubelet/.yurt-ssh.kubeadm-flags.env',
      ])
    }
  })
})

describe.each(shells)('a power cut on a host with $name right after the launch', (kind) => {
  it('took the undo, which is on the disk before the first change: there is nothing to undo', async () => {
    const edge = host(kind)
    const before = edge.snapshot()
    edge.write('/var/lib/yurt-ssh/lock', `${id} 1 1 x\n`)
    edge.write(`${runFolder}/journal`, `begin ${id} convert\n`)
    edge.write(`${runFolder}/undo`, '')
    expect(await recover(edge)).toBe('undone')
    expect((await factsOf(edge)).state.lock).toBe('')
    expect((await script(edge, forgetScript(id))).status).toBe(0)
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
    expect(edge.snapshot()).toEqual(before)
  })

  it('but where changes may have been made, a lost undo is no undo', async () => {
    const edge = host(kind)
    edge.write('/var/lib/yurt-ssh/lock', `${id} 1 1 x\n`)
    edge.write(`${runFolder}/undo`, '')
    edge.write(`${runFolder}/checked`, '')
    expect(await recover(edge)).toMatchObject({ code: 'HOST_LOST_RUN' })
    expect(edge.exists('/var/lib/yurt-ssh/lock')).toBe(true)
  })
})

describe.each(shells)('a lock on a host with $name whose run folder is gone', (kind) => {
  it.each([
    ['empty', ''],
    ['naming it', 'gone-hub 1 1 x\n'],
  ])('%s holds nobody up', { timeout: 30_000 }, async (_, text) => {
    const edge = host(kind)
    edge.write('/var/lib/yurt-ssh/lock', text)
    expect((await factsOf(edge)).state.lock).toBe('')
    await run(edge, await conversion(kind))
    expect(edge.exists('/var/lib/yurt-ssh/lock')).toBe(false)
  })
})
