import { spawnSync } from 'node:child_process'

/**
 * Whether a tool that a test needs is there. Under REQUIRE_ALL=1 (as in CI) a missing one fails the test; otherwise the
 * test names what it could not run and why.
 */
export function requireTool(name: string): boolean {
  const { status } = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name])
  if (status === 0) return true
  if (process.env.REQUIRE_ALL === '1')
    throw new Error(`${name} is not installed, and REQUIRE_ALL=1 asks for every test`)
  process.stderr.write(`not run: ${name} is not installed\n`)
  return false
}
