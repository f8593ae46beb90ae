#!/usr/bin/env node
import { existsSync } from 'node:fs'

const cli = new URL('../dist/cli.js', import.meta.url)
if (existsSync(cli)) {
  const { main } = await import(cli.href)
  process.exitCode = await main(process.argv)
} else {
  process.stderr.write('yurt-ssh is not built yet: `npm run build` does that\n')
  process.exitCode = 2
}
