// `npm test`: every check in order; all run, and the result is the worst. Under REQUIRE_ALL=1 a missing tool fails.
import { spawnSync } from 'node:child_process'

const checks = [
  ['build', 'tsc', ['-p', 'tsconfig.build.json']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['format and lint', 'biome', ['check', '.']],
  ['promises', 'eslint', ['src', 'test', 'bench']],
  ['layers', 'depcruise', ['src']],
  ['dead code', 'knip', []],
  ['tests', 'vitest', ['run']],
]

const failed = []

// Tests that need a tool which is not there say so by themselves, and fail under REQUIRE_ALL=1; here is the list at once.
const tools = {
  sshd: 'SSH against a real OpenSSH',
  'ssh-keygen': 'agreement with OpenSSH on known_hosts',
  ssh: 'agreement with OpenSSH on ssh_config',
  sudo: 'a real sudo',
  fish: 'the login shell fish, and completion in it',
  csh: 'the login shell csh',
  zsh: 'the login shell zsh, and completion in it',
  shellcheck: 'lint of the scripts that run on hosts',
  dash: 'host scripts in dash',
  busybox: 'host scripts in busybox',
  strace: 'the order in which a transaction reaches the disk',
  tmux: 'progress in a terminal',
  chromium: 'the HTML report in a browser',
}
const path = `${process.env.PATH}:/usr/sbin:/sbin`
const lacking = Object.entries(tools).filter(
  ([tool]) =>
    spawnSync('sh', ['-c', `command -v ${tool}`], { env: { ...process.env, PATH: path } }).status !== 0,
)
for (const [title, program, args] of checks) {
  const began = Date.now()
  console.log(`\n== ${title}: ${program} ${args.join(' ')}`)
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  console.log(
    `== ${title}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - began) / 1000).toFixed(1)} s`,
  )
  if (status !== 0) failed.push(title)
}

for (const [tool, suite] of lacking) console.log(`Not run: ${suite} (${tool} is not installed)`)
if (lacking.length > 0 && process.env.REQUIRE_ALL === '1') failed.push('tools')
console.log('\nNot run here: the real cluster (npm run lab:up, then npm run test:e2e)')
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
