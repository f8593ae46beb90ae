import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../src/cluster/clock.js'
import { readLock } from '../../src/cluster/lock.js'
import { unlock } from '../../src/commands/unlock.js'
import { processIdentity } from '../../src/report/process-identity.js'
import { recordFiles, recordFormat } from '../../src/report/record-format.js'
import { type FakeApi, fakeApi } from '../support/fake-api.js'

const id = '20261124t220000-c0de'
const holder = `ops@${hostname()}:4711/${id}`
let api: FakeApi
let folder: string

beforeEach(async () => {
  api = await fakeApi()
  folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-unlock-'))
  writeFileSync(
    join(folder, 'fleet.yaml'),
    'groups: { edge: { role: edge, hosts: { edge-1: { address: 192.0.2.1 } } } }\nopenyurt: { release: v0.6.1 }\n',
  )
  api.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'yurt-ssh', namespace: 'kube-system' },
    spec: { holderIdentity: holder, leaseDurationSeconds: 60, acquireTime: 'x', renewTime: 'y' },
  })
})
afterEach(() => api.close())

/** The record of a run that has no end, whose client is this process or one that is gone. */
function record(alive: boolean, machine = hostname()): void {
  const run = join(folder, 'runs', id)
  mkdirSync(run, { recursive: true })
  const process_ = alive ? processIdentity(process.pid) : 'another boot/4711/1'
  const environment = { machine, pid: process.pid, process: process_ }
  const header = {
    format: recordFormat,
    id,
    verb: 'convert',
    server: api.cluster.server,
    hosts: [],
    environment,
  }
  writeFileSync(join(run, recordFiles.header), JSON.stringify(header))
}

/** Unlocks with a clock that does not wait; what was told and asked. */
async function tryIt(
  approved = true,
): Promise<{ told: string[]; asked: string[]; broken: string | undefined }> {
  const told: string[] = []
  const asked: string[] = []
  let now = 0
  const { broken } = await unlock(
    {
      inventory: [join(folder, 'fleet.yaml')],
      kubeconfig: api.kubeconfig,
      runs: join(folder, 'runs'),
    },
    {
      signal: new AbortController().signal,
      tell: (line) => told.push(line),
      approve: async (held) => {
        asked.push(held.holder)
        return approved
      },
      clock: {
        ...systemClock,
        now: () => now,
        sleep: async (milliseconds) => {
          now += milliseconds
        },
      },
    },
  )
  return { told, asked, broken: broken?.holder }
}

it('refuses a run of this machine that is alive, without a question', async () => {
  record(true)
  await expect(tryIt()).rejects.toMatchObject({ code: 'LOCK_HELD' })
  expect((await readLock(api.cluster))?.holder).toBe(holder)
})

it('asks at once about one of this machine that died', async () => {
  record(false)
  expect(await tryIt()).toEqual({ told: [], asked: [holder], broken: holder })
  expect(await readLock(api.cluster)).toBeNull()
})

it('watches one of another machine whose record it sees, too', async () => {
  record(false, 'elsewhere')
  const { told } = await tryIt()
  expect(told).toEqual([`watching for 35 s whether ${holder} renews its lock`])
})

it('watches one that it knows nothing of, then asks', async () => {
  const told = [`watching for 35 s whether ${holder} renews its lock`]
  expect(await tryIt()).toEqual({ told, asked: [holder], broken: holder })
})

it('leaves the lock where the answer is no', async () => {
  record(false)
  await expect(tryIt(false)).rejects.toMatchObject({ code: 'USAGE_NOT_APPROVED' })
  expect((await readLock(api.cluster))?.holder).toBe(holder)
})
