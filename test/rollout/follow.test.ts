import { describe, expect, it } from 'vitest'
import { followScript, forgetScript, recoverScript, transactionScripts } from '../../src/rollout/scripts.js'
import { awaitTransaction } from '../../src/rollout/transaction.js'
import type { HostSession } from '../../src/ssh/types.js'
import type { ShellHost, ShellKind } from '../support/shell-host.js'
import { requireTool } from '../support/tools.js'
import { context, conversion, host, id, leftBehind, run, runFolder, script, shells } from './lab-host.js'

it.runIf(requireTool('bash'))(
  'a shell whose printf is a program of its own is refused: it would show the token',
  async () => {
    const kind: ShellKind = { name: 'bash', command: ['/usr/bin/bash', '--posix'], tools: 'coreutils' }
    const edge = host(kind)
    const { launch } = transactionScripts(await conversion(kind), context)
    const refused = await script(edge, `enable -n printf\n${launch}`)
    expect(refused).toMatchObject({ status: 75, stderr: expect.stringContaining('has no printf of its own') })
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
    await run(edge, await conversion(kind))
  },
)

describe.concurrent.each(shells)('on a host with $name', (kind) => {
  it('a link that is lost changes nothing: the output is read again, each step and line told once', async () => {
    const edge = host(kind)
    const plan = await conversion(kind)
    const { launch } = transactionScripts(plan, context)
    await script(edge, launch)
    const sessions: HostSession[] = []
    const connect = (): Promise<HostSession> => {
      sessions.push(edge.connect())
      return Promise.resolve(sessions.at(-1) as HostSession)
    }
    const steps: number[] = []
    const onStep = (index: number): void => {
      steps.push(index)
      if (sessions.length === 1) sessions[0]?.close()
    }
    const lines: string[] = []
    const onLine = (line: string): void => void lines.push(line)
    expect(await awaitTransaction(connect, id, 30, { onStep, onLine })).toBe('committed')
    expect(sessions).toHaveLength(2)
    const out = edge.read(`${runFolder}/out`).trimEnd().split('\n')
    expect(lines.slice(0, out.length)).toEqual(out)
    expect(steps).toEqual(plan.steps.map((_, index) => index))
    const { stdout } = await script(edge, followScript(id))
    expect(stdout).toBe(edge.read(`${runFolder}/out`))
    sessions[1]?.close()
  })

  it('believes the result on the disk where a power cut took the output after it', async () => {
    const edge = host(kind)
    await run(edge, await conversion(kind))
    edge.write(`${runFolder}/out`, '@ 1 step 0 begin\n')
    const session = edge.connect()
    expect(await awaitTransaction(() => Promise.resolve(session), id, 30)).toBe('committed')
    session.close()
  })

  it('waits at a pipe, which goes with the end; a host without mkfifo is asked twice a second', async () => {
    for (const has of [true, false]) {
      const edge = host(kind)
      if (!has) await script(edge, 'rm "$YURT_SSH_ROOT/.lab/bin/mkfifo"')
      let pipes = 0
      const plan = await conversion(kind)
      const onStep = (): void => void (edge.exists(`${runFolder}/wake`) && pipes++)
      const { steps } = await run(edge, plan, { onStep })
      expect(steps).toHaveLength(plan.steps.length)
      expect(pipes > 0).toBe(has)
      expect(edge.exists(`${runFolder}/wake`)).toBe(false)
    }
  })

  it('following ends when the unit is gone without a result', async () => {
    const edge = host(kind)
    edge.write(`${runFolder}/out`, '@ 1 step 0 begin\n')
    const { status, stdout } = await script(edge, followScript(id))
    expect({ status, stdout }).toEqual({ status: 76, stdout: '@ 1 step 0 begin\n' })
  })

  it('refuses a second launch, a recovery and a clean-up while a transaction runs', async () => {
    const edge = host(kind)
    edge.behave({ hub: 'never becomes healthy' })
    const { launch } = transactionScripts(await conversion(kind, 600), context)
    await script(edge, launch)
    await started(edge)
    const other = transactionScripts(await conversion(kind), { ...context, runId: 'other' })
    const busy = { status: 75, stderr: 'busy: a transaction is running on this host\n' }
    expect(await script(edge, other.launch)).toMatchObject(busy)
    expect(await script(edge, recoverScript(id))).toMatchObject(busy)
    expect(await script(edge, forgetScript())).toMatchObject({ status: 75 })
    expect(edge.exists('/var/lib/yurt-ssh/runs/other-hub')).toBe(false)
    process.kill(Number(edge.state('main')), 'SIGTERM')
    await edge.settled()
    expect(leftBehind(edge)).toEqual([])
  })

  it('refuses to launch over a lock that a dead transaction left', async () => {
    const edge = host(kind)
    edge.write('/var/lib/yurt-ssh/lock', 'earlier-hub 4711 1 boot\n')
    edge.write('/var/lib/yurt-ssh/runs/earlier-hub/journal', 'begin earlier-hub convert\n')
    await expect(run(edge, await conversion(kind))).rejects.toMatchObject({
      code: 'HOST_OPEN',
      message: 'an unfinished transaction holds it (earlier-hub 4711 1 boot)',
    })
    expect(edge.exists(runFolder)).toBe(false)
    expect((await script(edge, forgetScript())).status).toBe(75)
  })

  it('refuses a folder that is no host of a lab', async () => {
    const edge = host(kind)
    await script(edge, 'rm "$YURT_SSH_ROOT/.yurt-ssh-lab"')
    await expect(run(edge, await conversion(kind))).rejects.toMatchObject({
      code: 'HOST_LAUNCH',
      message: expect.stringContaining('is not a yurt-ssh lab host'),
    })
  })

  it('forgets one run, and our folder with the last one', async () => {
    const edge = host(kind)
    for (const run of ['one', 'two']) edge.write(`/var/lib/yurt-ssh/runs/${run}/journal`, 'begin\n')
    edge.write('/var/lib/yurt-ssh/format', '1\n')
    await script(edge, forgetScript('one'))
    expect(edge.exists('/var/lib/yurt-ssh/runs/one')).toBe(false)
    expect(edge.exists('/var/lib/yurt-ssh/runs/two/journal')).toBe(true)
    await script(edge, forgetScript('two'))
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
    expect((await script(edge, forgetScript())).status).toBe(0)
  })

  it('keeps the scripts and backups of a run from other users', async () => {
    const edge = host(kind)
    await run(edge, await conversion(kind))
    const { stdout } = await script(
      edge,
      `stat -c '%a %n' "$YURT_SSH_ROOT/var/lib/yurt-ssh" "$YURT_SSH_ROOT${runFolder}"/* | sed "s|$YURT_SSH_ROOT||"`,
    )
    expect(stdout).toContain('700 /var/lib/yurt-ssh\n')
    expect(stdout.split('\n').filter((line) => line !== '' && !/^[67]00 /.test(line))).toEqual([])
    expect(edge.exists(`${runFolder}/apply`)).toBe(false)
  })
})

async function started(edge: ShellHost): Promise<void> {
  for (let tries = 0; !edge.exists('/var/lib/yurt-ssh/lock'); tries++) {
    if (tries > 500) throw new Error('no lock after 5 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
