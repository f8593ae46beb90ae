#!/usr/bin/env node
import { main } from '../dist/cli.js'

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}
process.exitCode = await main(process.argv)
