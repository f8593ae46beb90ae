import { guardOutput } from '../../src/cli/terminal.js'
import type { Verbosity } from '../../src/report/event-line.js'
import { createProgress } from '../../src/report/progress.js'
import type { RunEvent } from '../../src/rollout/events.js'

/**
 * Feeds the rows of argv[2], a JSON list of events and of milliseconds to wait, into the progress on stderr; argv[3] is
 * the verbosity. `{"hosts": n}` begins n hosts at once, `{"wait": "line"}` waits for a line on stdin.
 */
type Row = RunEvent | number | { hosts: number } | { wait: string }

const rows = JSON.parse(process.argv[2] ?? '[]') as Row[]
guardOutput([process.stdout, process.stderr])
const progress = createProgress(process.stderr, Number(process.argv[3] ?? 0) as Verbosity)
for (const row of rows) {
  if (typeof row === 'number') await new Promise((resolve) => setTimeout(resolve, row))
  else if ('hosts' in row && !('type' in row)) begin(row.hosts)
  else if ('wait' in row) await new Promise((resolve) => process.stdin.once('data', resolve))
  else progress.emit(row as RunEvent)
}
await progress.done()
process.stdin.unref()
process.stdout.write('driver ends\n')

function begin(hosts: number): void {
  for (let index = 1; index <= hosts; index++)
    progress.emit({ type: 'host', host: `edge-${String(index).padStart(4, '0')}`, title: 'edge hosts' })
}
