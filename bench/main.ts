import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { writeIntoDocument } from './document.js'
import { fleet } from './fleet.js'
import type { Part, Result } from './part.js'
import { rtt } from './rtt.js'
import { scale } from './scale.js'
import { startup } from './startup.js'
import { renderResult } from './table.js'
import { waits } from './waits.js'

const parts: Record<string, Part> = { startup, rtt, scale, fleet, waits }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    write: { type: 'string' },
    record: { type: 'string' },
    sizes: { type: 'string', default: '100,500,1000,2000,5000' },
    hosts: { type: 'string', default: '40,100' },
    repeat: { type: 'string', default: '3' },
    forks: { type: 'string', default: '30' },
  },
})
const tell = (text: string): void => void process.stderr.write(`${text}\n`)
const options = {
  sizes: values.sizes.split(',').map(Number),
  hosts: values.hosts.split(',').map(Number),
  repeat: Number(values.repeat),
  forks: Number(values.forks),
  record: values.record,
  tell,
}
const results: Result[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(parts)) {
  const part = parts[name]
  if (part === undefined) throw new Error(`no part ${name}; there are ${Object.keys(parts).join(', ')}`)
  const result = await part(options)
  if ('skipped' in result) {
    tell(`${result.part}: skipped: ${result.skipped}`)
    continue
  }
  results.push(result)
  process.stdout.write(`${renderResult(result)}\n\n`)
  if (values.write !== undefined) writeIntoDocument(values.write, result)
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
