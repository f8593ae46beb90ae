// Reads the command line and the environment of every process of the machine over and over, from the line `start` on. On a
// line of JSON on stdin, a map of texts by name, it prints where it saw them, as JSON, and ends.
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** Environments that were seen, by command line. */
const seen = new Map()

function look() {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      const environments = seen.get(command) ?? new Set()
      seen.set(command, environments.add(readFileSync(`/proc/${pid}/environ`, 'utf8')))
    } catch {
      // it has ended
    }
  }
  setImmediate(look)
}

const answer = (line) => process.stdout.write(`${line}\n`)

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'start') {
    look()
    answer(line)
    continue
  }
  const found = Object.entries(JSON.parse(line)).flatMap(([name, secret]) =>
    [...seen].flatMap(([command, environments]) => [
      ...(command.includes(secret) ? [`${name}, cmdline of ${command}`] : []),
      ...([...environments].some((text) => text.includes(secret)) ? [`${name}, environ of ${command}`] : []),
    ]),
  )
  answer(JSON.stringify({ found, commands: [...seen.keys()] }))
  process.exit()
}
