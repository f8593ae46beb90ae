import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createClock } from '../../../src/lab/clock.js'
import { createScriptService } from '../../../src/lab/host/systemd/script-service.js'
import { readUnit } from '../../../src/lab/host/systemd/unit-text.js'
import { scratch } from './scratch.js'

/** Runs a unit to its end; what its scripts noted in the file `out`. */
async function run(
  start: string,
  {
    settings = '',
    limits = true,
    act = () => undefined,
  }: { settings?: string; limits?: boolean; act?: (pid: number, folder: string) => void } = {},
) {
  const folder = scratch({ '/start': start, '/post': 'echo post >> out\n', '/out': '' })
  const text = `[Service]\nExecStart=/bin/sh ${folder}/start\nExecStopPost=/bin/sh ${folder}/post\n${settings}`
  const inFolder = ['/bin/sh', '-c', `cd ${folder}; exec "$@"`, 'sh']
  const service = createScriptService({
    env: {},
    clock: createClock(50),
    prefix: () => inFolder,
    limits,
    log: () => undefined,
  })
  await service.start({ fragment: '', dropIns: [], settings: readUnit(text) })
  const states = [service.state()]
  const twice = await service.start({
    fragment: '',
    dropIns: [],
    settings: readUnit('[Service]\nExecStart=/bin/false\n'),
  })
  while (start.includes('touch ready') && !existsSync(`${folder}/ready`))
    await new Promise((wake) => setTimeout(wake, 5))
  act(service.mainPid(), folder)
  while (!['inactive', 'failed'].includes(service.state())) await new Promise((wake) => setTimeout(wake, 5))
  return { states: [...states, service.state()], out: readFileSync(`${folder}/out`, 'utf8'), twice, folder }
}

describe('a unit of scripts', () => {
  it('runs its stop script after its start script, and no second start meanwhile', async () => {
    expect(await run('echo start >> out\n')).toMatchObject({
      states: ['active', 'inactive'],
      out: 'start\npost\n',
      twice: {},
    })
  })

  it('runs it after a failure too', async () => {
    expect(await run('echo start >> out; exit 3\n')).toMatchObject({
      states: ['active', 'failed'],
      out: 'start\npost\n',
    })
  })

  it('runs it after kill -9, and ends what the start script left', async () => {
    const kill = (pid: number) => process.kill(pid, 'SIGKILL')
    const start = '(sleep 30; echo survived >> out) & echo $! > child; touch ready; sleep 30\n'
    const { out, states, folder } = await run(start, { act: kill })
    expect([out, states]).toEqual(['post\n', ['active', 'failed']])
    const child = readFileSync(`${folder}/child`, 'utf8').trim()
    const stat = existsSync(`/proc/${child}/stat`) ? readFileSync(`/proc/${child}/stat`, 'utf8') : 'gone'
    expect(stat).toMatch(/gone|\) Z /)
  })

  it('tells it to end at its limit', async () => {
    const start = "trap 'echo told >> out; exit 1' TERM\nwhile :; do sleep 0.01; done\n"
    expect((await run(start, { settings: 'RuntimeMaxSec=5\nTimeoutStopSec=300\n' })).out).toBe('told\npost\n')
  })

  it('lets it run past its limit where systemd is too old to know one', async () => {
    const start = "trap 'echo told >> out; exit 1' TERM\nsleep 0.3\necho end >> out\n"
    expect((await run(start, { settings: 'RuntimeMaxSec=5\n', limits: false })).out).toBe('end\npost\n')
  })

  it('kills it when it does not', async () => {
    const start = "trap 'echo told >> out' TERM\nwhile :; do sleep 0.01; done\n"
    expect((await run(start, { settings: 'RuntimeMaxSec=5\nTimeoutStopSec=5\n' })).out).toBe('told\npost\n')
  })
})
