// `npm run bench`: compiles the benchmarks beside what they read, and runs them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'

const read = ['templates', 'bench/probe.js', 'bench/playbook', 'test/cases', 'test/support/shell-host']

rmSync('.bench', { recursive: true, force: true })
for (const config of ['tsconfig.build.json', 'tsconfig.bench.json']) {
  const { status, error } = spawnSync('tsc', ['-p', config], { stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
for (const path of read) {
  mkdirSync(dirname(`.bench/${path}`), { recursive: true })
  symlinkSync(`${process.cwd()}/${path}`, `.bench/${path}`)
}
await import('../.bench/bench/main.js')
