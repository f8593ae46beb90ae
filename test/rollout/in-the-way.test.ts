import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findUnsettled } from '../../src/commands/settle.js'
import { renderOurKubeconfig } from '../../src/node/kubeconfig.js'
import type { HostStep, HostTransaction } from '../../src/plan/types.js'
import { transactionScripts } from '../../src/rollout/scripts.js'
import { recoverTransaction } from '../../src/rollout/transaction.js'
import { createRecorder } from '../support/kill-points.js'
import { lastingPart } from './kill-points.js'
import {
  context,
  conversion,
  factsOf,
  host,
  id,
  leftBehind,
  release,
  run,
  runFolder,
  script,
  shells,
} from './lab-host.js'

const flagsPath = '/var/lib/kubelet/kubeadm-flags.env'
const other = { ...context, runId: '20260102t030405-bbbb' }
const otherFolder = '/var/lib/yurt-ssh/runs/20260102t030405-bbbb-hub'

describe.each(shells)('on a host with $name', (kind) => {
  it('blanks and backslashes in paths come through a transaction and its undo', {
    timeout: 30_000,
  }, async () => {
    const edge = host(kind)
    edge.write('/srv/two  blanks/at  the end ', 'old\n')
    edge.write('/srv/two  blanks/gone\tsoon', 'old\n')
    edge.write('/srv/back\\slash/of\\ours', 'old\n')
    edge.write('/srv/back\\slash/gone\\soon', 'old\n')
    const before = edge.snapshot()
    const file = { content: 'new\n', mode: '0600', uid: 0, gid: 0 }
    const steps: HostStep[] = [
      { kind: 'own-tree', path: '/srv/a  tree ', reason: 'a' },
      { kind: 'make-directory', path: '/srv/a  tree ', mode: '0700', reason: 'b' },
      { kind: 'make-directory', path: '/srv/a  folder ', mode: '0700', reason: 'c' },
      { kind: 'write-file', path: '/srv/a  tree /of  ours', ...file, before: 'absent', reason: 'd' },
      { kind: 'write-file', path: '/srv/a  folder /a  file', ...file, before: 'absent', reason: 'e' },
      { kind: 'write-file', path: '/srv/two  blanks/at  the end ', ...file, before: old, reason: 'f' },
      { kind: 'remove-file', path: '/srv/two  blanks/gone\tsoon', before: old, reason: 'g' },
      { kind: 'write-file', path: '/srv/back\\slash/of\\ours', ...file, before: old, reason: 'i' },
      { kind: 'remove-file', path: '/srv/back\\slash/gone\\soon', before: old, reason: 'j' },
      { kind: 'wait-hub', timeoutSeconds: 1, reason: 'h' },
    ]
    await expect(run(edge, plan(steps))).rejects.toMatchObject({ code: 'HOST_FAILED' })
    expect(edge.read(`${runFolder}/result`)).toBe('undone\n')
    expect(edge.snapshot()).toEqual(before)
    expect(edge.read(`${runFolder}/journal`).match(/^write /gm)).toHaveLength(6)
  })

  it.each([
    ['killed', 'undone'],
    ['to its end', 'committed'],
  ] as const)(
    'two clients launch in the same moment, and the transaction of one runs, %s',
    async (_, result) => {
      const edge = host(kind)
      const before = lastingPart(edge)
      const recorder = createRecorder(edge, kind.command)
      try {
        const mine = transactionScripts(await conversion(kind), context).launch
        for (const launch of [mine, transactionScripts(await conversion(kind), other).launch])
          expect(await script(edge, launch)).toMatchObject({ status: 0, stderr: '' })
        const points = await recorder.record(`${edge.root}${runFolder}/apply`)
        const point = points[Math.floor(0.7 * points.length)]
        if (result === 'undone' && point !== undefined) recorder.restore(point.state)
        // the unit's file is the second client's: that is the undo which systemd has
        await recorder.run(`${edge.root}${otherFolder}/undo`)
        expect(edge.read(`${runFolder}/result`)).toBe(`${result}\n`)
        expect(edge.read(`${otherFolder}/result`)).toBe('undone\n')
        expect(edge.read(`${otherFolder}/out`)).toContain(`in the same moment: ${id}`)
        expect(leftBehind(edge)).toEqual([])
        if (result === 'undone') expect(lastingPart(edge)).toEqual(before)
      } finally {
        recorder.remove()
      }
    },
  )

  it('a clock that is set back keeps nobody waiting, the undo neither', { timeout: 60_000 }, async () => {
    const edge = host(kind)
    const transaction = await conversion(kind, 30)
    edge.behave({ hub: 'never becomes healthy' })
    edge.setState('linger', '100000')
    edge.write('/proc/uptime', '0.00 0.00\n')
    const waits = transaction.steps.findIndex((step) => step.kind === 'wait-hub')
    const setBack = (index: number): void => {
      if (index === waits) edge.setState('skew', '-86400')
    }
    const setBackAgain = (line: string): void => {
      if (line.includes('undo begin')) edge.setState('skew', '-172800')
    }
    await expect(run(edge, transaction, { onStep: setBack, onLine: setBackAgain })).rejects.toMatchObject({
      code: 'HOST_UNDO_FAILED',
      message: expect.stringContaining('did not become healthy within 30 s'),
    })
    expect(edge.read(`${runFolder}/out`)).toContain('the hub still answers on 127.0.0.1:10267 after 120 s')
  })

  it('a transaction that cannot be launched leaves nothing', async () => {
    const edge = host(kind)
    const { launch } = transactionScripts(await conversion(kind), context)
    // its output is the last file that a launch makes
    const inTheWay =
      'mkdir() { command mkdir "$@" && case $* in */backup) command mkdir "${1%backup}out" ;; esac; }'
    const untouched = edge.snapshot()
    expect((await script(edge, `${inTheWay}\n${launch}`)).status).toBe(1)
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
    expect(edge.snapshot()).toEqual(untouched)
    rmSync(`${edge.root}/run/systemd`, { recursive: true })
    edge.write('/run/systemd', 'in the way\n')
    const before = edge.snapshot()
    expect((await script(edge, launch)).status).toBe(1)
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
    expect(edge.snapshot()).toEqual(before)
  })

  it('one that cannot note that every file is as planned says so, and is undone', async () => {
    const edge = host(kind)
    const before = edge.snapshot()
    edge.setState('no-manager', '')
    await script(edge, transactionScripts(await conversion(kind), context).launch)
    edge.write(`${runFolder}/checked/in`, 'the way\n')
    rmSync(`${edge.root}/.lab/no-manager`)
    await script(edge, 'systemctl start --no-block yurt-ssh.service')
    await edge.settled()
    expect(edge.read(`${runFolder}/out`)).toContain(' fail the journal cannot be written\n')
    expect(edge.read(`${runFolder}/result`)).toBe('undone\n')
    expect(edge.snapshot()).toEqual(before)
  })

  it('one that was launched and never began is found and closed, and its script goes', async () => {
    const edge = host(kind)
    const before = edge.snapshot()
    edge.setState('no-manager', '')
    const { launch } = transactionScripts(await conversion(kind), context)
    expect(await script(edge, launch)).toMatchObject({ status: 0 })
    rmSync(`${edge.root}/.lab/no-manager`)
    edge.boot()
    const unsettled = async (): Promise<unknown> => findUnsettled(new Map([['edge-1', await factsOf(edge)]]))
    expect(await unsettled()).toEqual([{ host: 'edge-1', id, action: 'undo' }])
    const session = edge.connect()
    expect(await recoverTransaction(() => Promise.resolve(session), id)).toBe('undone')
    session.close()
    expect(edge.exists(`${runFolder}/apply`)).toBe(false)
    expect(await unsettled()).toEqual([])
    expect(edge.snapshot()).toEqual(before)
  })

  it('what somebody else did meanwhile, to the same bytes, is theirs', async () => {
    const edge = host(kind)
    const transaction = await conversion(kind)
    edge.write(release.hub.kubeconfig, renderOurKubeconfig(release.hub))
    const before = edge.snapshot()
    await expect(run(edge, transaction)).rejects.toMatchObject({
      code: 'HOST_FAILED',
      message: expect.stringContaining(`${release.hub.kubeconfig} changed since it was planned`),
    })
    expect(edge.read(`${runFolder}/result`)).toBe('undone\n')
    expect(edge.snapshot()).toEqual(before)
  })

  it('a link at the place of our folder is refused', async () => {
    const edge = host(kind)
    mkdirSync(`${edge.root}/srv`)
    symlinkSync('../../srv', `${edge.root}/var/lib/yurt-ssh`)
    const before = edge.snapshot()
    await expect(run(edge, await conversion(kind))).rejects.toMatchObject({
      code: 'HOST_LAUNCH',
      message: expect.stringContaining('/var/lib/yurt-ssh is a link'),
    })
    expect(edge.snapshot()).toEqual(before)
  })

  it('a link to nowhere at the place of the lock is no hindrance', async () => {
    const edge = host(kind)
    mkdirSync(`${edge.root}/var/lib/yurt-ssh`)
    symlinkSync('nowhere', `${edge.root}/var/lib/yurt-ssh/lock`)
    await run(edge, await conversion(kind))
    expect(leftBehind(edge)).toEqual([])
  })

  it('the boot unit of a transaction whose folder is gone is no hindrance', async () => {
    const edge = host(kind)
    edge.write('/etc/systemd/system/yurt-ssh-recover.service', '[Service]\nExecStart=/bin/sh /gone boot\n')
    symlinkSync(
      '../yurt-ssh-recover.service',
      `${edge.root}/etc/systemd/system/multi-user.target.wants/yurt-ssh-recover.service`,
    )
    await run(edge, await conversion(kind))
    expect(leftBehind(edge)).toEqual([])
  })

  it('an edit between the look at a file and its backup is not overwritten', async () => {
    const edge = host(kind)
    const before = lastingPart(edge)
    const recorder = createRecorder(edge, kind.command)
    try {
      await script(edge, transactionScripts(await conversion(kind), context).launch)
      const edit = (call: string): void => {
        if (/^before cp -p .*kubeadm-flags\.env/.test(call)) edge.write(flagsPath, 'by somebody\n')
      }
      await recorder.watch(edit, `${edge.root}${runFolder}/apply`)
      await recorder.run(`${edge.root}${runFolder}/undo`)
      expect(edge.read(`${runFolder}/out`)).toContain(`fail ${flagsPath} changed since it was planned`)
      expect(edge.read(`${runFolder}/result`)).toBe('undone\n')
      const { [flagsPath]: theirs, ...rest } = lastingPart(edge)
      expect(theirs).not.toBe(before[flagsPath])
      expect(edge.read(flagsPath)).toBe('by somebody\n')
      expect({ ...rest, [flagsPath]: before[flagsPath] }).toEqual(before)
    } finally {
      recorder.remove()
    }
  })

  it('an undo that was killed while it closed a damaged transaction closes it the next time', async () => {
    const edge = host(kind)
    const recorder = createRecorder(edge, kind.command)
    try {
      await script(edge, transactionScripts(await conversion(kind), context).launch)
      await recorder.run(`${edge.root}${runFolder}/apply`)
      edge.write(`${runFolder}/journal`, `begin ${id} convert\n`)
      const undo = `${edge.root}${runFolder}/undo`
      const closing = (await recorder.record(undo)).find(({ state }) =>
        state.entries.get(`${runFolder}/result`)?.text.startsWith('damaged'),
      )
      if (closing === undefined) throw new Error('it was not found to be damaged')
      recorder.restore(closing.state)
      expect(leftBehind(edge)).not.toEqual([])
      await recorder.run(undo)
      expect(edge.read(`${runFolder}/result`)).toBe('damaged\n')
      expect(leftBehind(edge)).toEqual([])
    } finally {
      recorder.remove()
    }
  })
})

/** sha256 of `old` and a newline. */
const old = '01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee'

function plan(steps: HostStep[]): HostTransaction {
  return { kind: 'hub', verb: 'convert', steps, cleanup: [], deadlineSeconds: 300 }
}
