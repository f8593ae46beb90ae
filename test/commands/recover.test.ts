import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { transactionScripts } from '../../src/rollout/scripts.js'
import { context, conversion, host, leftBehind, run, runFolder, script, shells } from '../rollout/lab-host.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'
import { hostFiles } from '../support/host-files.js'
import { serveOverSsh, writeInventory } from '../support/host-over-ssh.js'
import type { ShellHost } from '../support/shell-host.js'
import { describeWith, type Sshd } from '../support/sshd.js'

const program = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))
const built = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const secret = 'bootstrap-token-abcdef'

interface Ended {
  status: number | null
  text: string
}

function yurtSsh(...args: string[]): { child: ChildProcess; ended: Promise<Ended>; text: () => string } {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  // as a shell tells it: a second signal that finds the process leaving already ends it by the signal
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (status, signal) =>
      resolve({ status: signal === null ? status : 128 + constants.signals[signal], text }),
    ),
  )
  return { child, ended, text: () => text }
}

describeWith(['sshd', 'root', 'keygen'], 'recover, as a program of its own', () => {
  let api: FakeApi
  let sshd: Sshd
  let edge: ShellHost
  let inventory: string
  const [kind] = shells

  beforeEach(async () => {
    if (kind === undefined) throw new Error('no shell')
    if (!existsSync(built)) throw new Error('dist is not built: npm run build')
    api = await fakeApi()
    api.put(
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-1' } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secret, namespace: 'kube-system', labels: { 'yurt-ssh.io/run': 'dead-run' } },
      },
    )
    edge = host(kind, hostFiles.edge, { trace: true })
    const served = await serveOverSsh(edge)
    sshd = served.sshd
    inventory = writeInventory(sshd.folder, api.kubeconfig, { 'edge-1': served.entry })
  })

  afterEach(async () => {
    await sshd.stop()
    await api.close()
  })

  /** A conversion whose host lost its power half way. */
  async function leaveOpen(): Promise<Record<string, string>> {
    if (kind === undefined) throw new Error('no shell')
    const before = edge.snapshot()
    edge.setState('kill', 'apply 24 power')
    await script(edge, transactionScripts(await conversion(kind), context).launch)
    await edge.settled()
    edge.setState('unit', 'inactive')
    return before
  }

  it('shows what is left, undoes it, removes the token; then nothing is left', {
    timeout: 60_000,
  }, async () => {
    const before = await leaveOpen()
    const shown = await yurtSsh('recover', '-i', inventory, '--check').ended
    expect(shown.text).toMatch(/edge-1: undoes the transaction .*-hub, which a dead run left open/)
    expect(shown.text).toContain(`cluster: removes Secret kube-system/${secret} of run dead-run`)
    expect(shown.status).toBe(10)
    const status = await yurtSsh('status', '-i', inventory).ended
    expect(status.text).toContain(`\`yurt-ssh recover\` settles this:\n  ${shown.text.split('\n')[0]}`)
    expect(status.text).toContain(`cluster: removes Secret kube-system/${secret} of run dead-run`)
    expect(leftBehind(edge)).not.toEqual([])

    const done = await yurtSsh('recover', '-i', inventory, '--yes').ended
    expect(done, done.text).toMatchObject({ status: 0 })
    expect(edge.snapshot()).toEqual(before)
    expect(edge.exists(runFolder)).toBe(false)
    expect([...api.objects.keys()].filter((key) => /Secret|Lease/.test(key))).toEqual([])

    const again = await yurtSsh('recover', '-i', inventory, '--yes').ended
    expect(again).toEqual({ status: 0, text: 'Dead runs left nothing.\n' })
  })

  it('asks, and does nothing where nobody can answer', async () => {
    const { status, text } = await yurtSsh('recover', '-i', inventory).ended
    expect(status).toBe(2)
    expect(text).toContain('USAGE_NOBODY_TO_ASK')
  })

  it('refuses by name a state whose format it does not know', { timeout: 60_000 }, async () => {
    if (kind === undefined) throw new Error('no shell')
    await run(edge, await conversion(kind))
    edge.write('/var/lib/yurt-ssh/format', '7\n')
    const { status, text } = await yurtSsh('recover', '-i', inventory, '--yes').ended
    expect(status).toBe(3)
    expect(text).toMatch(/edge-1: \/var\/lib\/yurt-ssh has format 7, this version knows 1/)
    expect(edge.read(`${runFolder}/result`)).toBe('committed\n')
  })

  it.each([
    { times: 1, status: 130 },
    { times: 2, status: 130 },
  ])(
    'Ctrl-C $times: exit $status, the host ends by itself',
    { timeout: 60_000 },
    async ({ times, status }) => {
      const before = await leaveOpen()
      // an undo that takes its time: a hub that outlives its manifest
      writeFileSync(`${edge.root}/.lab/linger`, '40\n')
      const running = yurtSsh('recover', '-i', inventory, '--yes')
      await until(() => edge.state('unit') === 'active' || edge.state('unit') === 'deactivating')
      for (let time = 0; time < times; time++) {
        running.child.kill('SIGINT')
        await until(() => running.text().includes('Stopping'))
      }
      expect((await running.ended).status).toBe(status)
      await edge.settled()
      expect(edge.snapshot()).toEqual(before)
      expect(readFileSync(`${edge.root}${runFolder}/result`, 'utf8')).toBe('undone\n')
    },
  )
})

async function until(look: () => boolean): Promise<void> {
  for (let tries = 0; !look(); tries++) {
    if (tries > 2000) throw new Error('not within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
