#!/usr/bin/env node
import { existsSync } from 'node:fs'

const cli = new URL('../dist/cli.js', import.meta.url)
if (existsSync(cli)) {
  const { main } = await import(cli.href)
  process.exitCode = await main(process.argv)
  // Everything is said by now: somebody who never answers, and is still listened to, does not keep this process.
  setTimeout(() => process.exit(), 3000).unref()
} else {
  process.stderr.write('yurt-ssh is not built yet: `npm run build` does that\n')
  process.exitCode = 2
}
