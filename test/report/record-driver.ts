import { createRecorder } from '../../src/report/record.js'
import type { RunHeader } from '../../src/report/record-format.js'
import type { RunEvent } from '../../src/rollout/events.js'

/** Records the events of argv[3] into argv[2], then dies as a client does that is killed. */
const [, , runs = '', events = '[]'] = process.argv
const header = {
  format: 1,
  id: '20261124t230000-dead',
  hosts: [{ name: 'edge-1' }],
  environment: { machine: 'elsewhere' },
} as unknown as RunHeader
const plan = { verb: 'convert', release: 'v0.6.1', phases: [], notes: [] } as const
const recorder = createRecorder(runs, header, { ...plan, phases: [], notes: [] }, () => {})
for (const event of JSON.parse(events) as RunEvent[]) recorder.emit(event)
process.kill(process.pid, 'SIGKILL')
