import { chmodSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { followScript, forgetScript, recoverScript, transactionScripts } from '../../src/rollout/scripts.js'
import { awaitTransaction, recoverTransaction } from '../../src/rollout/transaction.js'
import type { HostSession } from '../../src/ssh/types.js'
import { hostFiles } from '../support/host-files.js'
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

  it('a pipe that went in the same moment is no reason to look without a pause, or for ever', async () => {
    const edge = host(kind)
    await script(edge, 'rm "$YURT_SSH_ROOT/.lab/bin/mkfifo"')
    edge.write('/.lab/bin/mkfifo', '#!/bin/sh\n')
    chmodSync(`${edge.root}/.lab/bin/mkfifo`, 0o755)
    edge.write(`${runFolder}/out`, '@ 1 step 0 begin\n')
    const counted = `read() { command read "$@"; read_status=$?; looks=$((looks + 1)); [ "$looks" -lt 500 ] || exit 99; return "$read_status"; }\n`
    expect((await script(edge, `looks=0\n${counted}${followScript(id)}`)).status).toBe(76)
    expect(edge.exists(`${runFolder}/wake`)).toBe(false)
  })

  it('a follower whose session was killed ends where nothing moves any more, and so does its ticker', async () => {
    const edge = host(kind)
    edge.write(`${runFolder}/out`, '@ 1 step 0 begin\n')
    edge.setState('unit', 'active')
    const session = edge.connect()
    session.run(followScript(id), { timeoutSeconds: 30 }).catch(() => {})
    await until(() => edge.exists(`${runFolder}/wake`) && processesIn(edge).length > 1)
    session.close()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    edge.setState('unit', 'failed')
    await until(() => processesIn(edge).length === 0)
    expect(edge.exists(`${runFolder}/wake`)).toBe(false)
  })

  it('a ticker ends with a follower that was killed, in a session that goes on', async () => {
    const edge = host(kind)
    edge.write(`${runFolder}/out`, '@ 1 step 0 begin\n')
    edge.setState('unit', 'active')
    const session = edge.connect()
    const followed = session.run(
      `command read -r self _ < /proc/self/stat\necho "$self" > "$YURT_SSH_ROOT/.lab/follower"\n${followScript(id)}`,
      { timeoutSeconds: 30 },
    )
    await until(() => edge.exists(`${runFolder}/wake`) && processesIn(edge).length > 1)
    process.kill(Number(edge.state('follower')), 'SIGKILL')
    expect((await followed).status).toBe(137)
    await until(() => processesIn(edge).length === 1)
    session.close()
  })

  it('a ticker goes on where somebody ends its sleep', async () => {
    const edge = host(kind)
    edge.write(`${runFolder}/out`, '@ 1 step 0 begin\n')
    edge.setState('unit', 'active')
    const followed = script(edge, followScript(id))
    const asleep = (): number | undefined =>
      processesIn(edge).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep\0'))
    await until(() => asleep() !== undefined)
    process.kill(asleep() as number, 'SIGTERM')
    edge.setState('unit', 'failed')
    expect((await followed).status).toBe(76)
  })

  it('nothing holds the run folder open once a transaction has been followed to its end', async () => {
    const edge = host(kind)
    await run(edge, await conversion(kind))
    await edge.settled()
    const held = openFiles().filter((path) => path.startsWith(edge.root + runFolder))
    expect(held).toEqual([])
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

  it('the folder of a recovery can be forgotten as soon as it has told its result', async () => {
    const edge = host(kind, hostFiles.edge, { trace: true })
    edge.setState('kill', 'apply 20 power')
    await script(edge, transactionScripts(await conversion(kind), context).launch)
    await edge.settled()
    edge.setState('unit', 'inactive')
    // as slow as a small host
    edge.write(`${runFolder}/undo`, `${edge.read(`${runFolder}/undo`)}\nsleep 3\n`)
    const session = edge.connect()
    expect(await recoverTransaction(() => Promise.resolve(session), id)).toBe('undone')
    expect(await script(edge, forgetScript(id))).toMatchObject({ status: 0, stderr: '' })
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
    session.close()
  })

  it('an earlier result in the output is not taken for that of a recovery', async () => {
    const edge = host(kind)
    await run(edge, await conversion(kind))
    await edge.settled()
    // a power cut brought it back
    edge.write('/var/lib/yurt-ssh/lock', `${id} 4711 1 boot\n`)
    const undo = edge.read(`${runFolder}/undo`)
    edge.write(`${runFolder}/undo`, undo.replace('&& durable "$T/result"', '$& && sleep 5'))
    expect(edge.read(`${runFolder}/undo`)).not.toBe(undo)
    expect(await script(edge, recoverScript(id))).toMatchObject({ status: 0 })
    await until(() => edge.exists(`${runFolder}/result`))
    expect(await script(edge, followScript(id))).toMatchObject({ status: 0 })
    expect(edge.exists('/var/lib/yurt-ssh/lock')).toBe(false)
  })

  it('an undo that failed and is run once more by systemd is followed to the last result', async () => {
    const edge = host(kind, hostFiles.edge, { trace: true })
    edge.setState('kill', 'apply 20 power')
    await script(edge, transactionScripts(await conversion(kind), context).launch)
    await edge.settled()
    edge.setState('unit', 'inactive')
    const undo = edge.read(`${runFolder}/undo`)
    const once = '    if [ ! -f "$T/again" ]; then printf "" > "$T/again"; return 1; fi\n    sleep 1\n'
    edge.write(`${runFolder}/undo`, undo.replace(/^ +undo_line "\$line"/m, `${once}$&`))
    const session = edge.connect()
    expect(await recoverTransaction(() => Promise.resolve(session), id)).toBe('undone')
    expect(edge.read(`${runFolder}/out`)).toMatch(/ result undo-failed\n(.*\n)*@ .* result undone\n$/)
    session.close()
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

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 500) throw new Error('not after 5 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Shells and their children that were started on the host, without what the host itself runs. */
function processesIn({ root }: ShellHost): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0')
        return environment.includes(`YURT_SSH_ROOT=${root}`) ? [Number(name)] : []
      } catch {
        return []
      }
    })
}

/** What all processes have open, as far as we may see. */
function openFiles(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    } catch {
      // it has ended meanwhile
      return []
    }
  })
}
