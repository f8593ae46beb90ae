import { fileURLToPath } from 'node:url'
import { median, timed } from './measure.js'
import type { Part } from './part.js'

const cli = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))
const contenders: readonly [what: string, args: readonly string[]][] = [
  ['node -e 0', ['-e', '0']],
  ['--version', [cli, '--version']],
  ['--help', [cli, '--help']],
]

/** How long it takes until the CLI has said its version, in terms of a bare node; runs alternate. */
export const startup: Part = async ({ repeat, tell }) => {
  const rounds = repeat * 7
  tell(`start-up: ${rounds} rounds`)
  const seconds = contenders.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, args]] of contenders.entries())
      seconds[index]?.push((await timed(process.execPath, args, process.env)).seconds)
  }
  const medians = seconds.map(median)
  const bare = medians[0] ?? 0
  return {
    part: 'startup',
    title: 'Start-up',
    columns: ['median ms', 'times bare node'],
    rows: contenders.map(([what], index) => {
      const own = medians[index] ?? 0
      return { what, values: { 'median ms': own * 1000, 'times bare node': own / bare } }
    }),
    notes: [`medians of ${rounds} alternating runs`],
  }
}
