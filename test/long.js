// `npm run test:long`: every property with 50 times the cases of `npm test`, and other ones each time.
// PROPERTY_SEED=... repeats what it tried, PROPERTY_TIMES=... takes more or less time.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const { PROPERTY_SEED = String(randomInt(2 ** 31)), PROPERTY_TIMES = '50' } = process.env
const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file}`)
  .filter((file) => readFileSync(file, 'utf8').includes('support/properties.js'))

const tried = `PROPERTY_SEED=${PROPERTY_SEED} PROPERTY_TIMES=${PROPERTY_TIMES} npm run test:long`
console.log(`${files.length} files with properties: ${tried}`)
const { status } = spawnSync('vitest', ['run', '--testTimeout', '3600000', ...files], {
  stdio: 'inherit',
  env: { ...process.env, PROPERTY_SEED, PROPERTY_TIMES },
})
console.log(`${status === 0 ? 'All properties held' : 'FAILED'}: ${tried}`)
process.exitCode = status ?? 1
