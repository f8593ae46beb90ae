import { expect, it } from 'vitest'
import { openApi } from '../../../src/lab/api/server.js'
import { createClock } from '../../../src/lab/clock.js'
import { clusterPrograms } from '../../../src/lab/programs/cluster-programs.js'
import { startProgram } from './start-program.js'

it.each(Object.entries(clusterPrograms))('%s runs until a signal ends it', async (_, program) => {
  const clock = createClock(1000)
  const api = await openApi({ clock })
  const start = () => startProgram(program, { api, clock, node: 'n', user: 'admin' })
  const first = start()
  await clock.sleep(10_000)
  expect(first.ready()).toBe(true)
  first.terminate()
  expect(await first.exited).toBe(143)
  expect(first.ready()).toBe(false)
  const second = start()
  second.kill()
  expect(await second.exited).toBe(137)
  await api.close()
})
