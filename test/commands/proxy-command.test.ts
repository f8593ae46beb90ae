import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type FakeApi, fakeApi } from '../support/fake-api.js'
import { writeInventory } from '../support/host-over-ssh.js'
import { runningIn } from '../support/process-group.js'

const program = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))
const built = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

let api: FakeApi
let folder: string
beforeAll(async () => {
  if (!existsSync(built)) throw new Error('dist is not built: npm run build')
  api = await fakeApi()
})
afterAll(() => api.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proxy-command-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const stubborn = `trap "" TERM INT HUP; sleep 1000 & wait; sleep 1000`

it.each<[string, string, NodeJS.Signals[]]>([
  ['the run', stubborn, []],
  ['Ctrl-C', stubborn, ['SIGINT']],
  ['a second Ctrl-C', stubborn, ['SIGINT', 'SIGINT']],
  ['SIGTERM', stubborn, ['SIGTERM']],
  ['a client that is killed, if it reads', 'trap "" TERM; cat >/dev/null', ['SIGKILL']],
])('a ProxyCommand leaves nothing behind after %s', { timeout: 60_000 }, async (_, command, signals) => {
  const mark = join(folder, 'mark')
  const config = join(folder, 'ssh_config')
  writeFileSync(config, `ProxyCommand sh -c 'echo $$ >${mark}; ${command}'\n`)
  const connectTimeout = signals.length === 0 ? 2 : 60
  const inventory = writeInventory(folder, api.kubeconfig, {
    'edge-1': { address: '127.0.0.1', role: 'edge', ssh: { config, connectTimeout } },
  })
  const child = spawn(process.execPath, [program, 'preflight', '-i', inventory], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.on('close', resolve))
  await expect
    .poll(() => existsSync(mark) && readFileSync(mark, 'utf8') !== '', { timeout: 20_000 })
    .toBe(true)
  const leader = Number(readFileSync(mark, 'utf8'))
  expect(runningIn(leader)).not.toEqual([])
  for (const signal of signals) {
    child.kill(signal)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await ended
  await expect.poll(() => runningIn(leader), { timeout: 5000 }).toEqual([])
})
