import { vi } from 'vitest'
import { main } from '../../src/cli.js'

export interface CliResult {
  exitCode: number
  /** Both streams, in the order in which they were written. */
  output: string
}

/** Runs yurt-ssh in this process. */
export async function cli(...args: string[]): Promise<CliResult> {
  let output = ''
  const take = (text: string | Uint8Array): boolean => {
    output += String(text)
    return true
  }
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(take),
  )
  const signals = (['SIGINT', 'SIGTERM'] as const).map((name) => ({ name, had: process.listeners(name) }))
  try {
    return { exitCode: await main(['node', 'yurt-ssh', ...args]), output }
  } finally {
    for (const spy of spies) spy.mockRestore()
    for (const { name, had } of signals)
      for (const added of process.listeners(name)) if (!had.includes(added)) process.off(name, added)
  }
}
