import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The CLI's own cost: its process alone. */
export interface Measured {
  seconds: number
  cpuSeconds: number
  peakMegabytes: number
  /** Event-loop lag, 99th percentile. */
  lagMilliseconds: number
}

const cli = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))
const probe = new URL('./probe.js', import.meta.url).href

/** Runs yurt-ssh and measures it. @throws Error with its output when it ends with none of the exit codes expected */
export async function measureCli(
  args: readonly string[],
  expected: readonly number[] = [0],
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-bench-'))
  const file = join(folder, 'probe.json')
  const nodeOptions = `--import ${probe}`
  try {
    const { seconds, exitCode, output } = await timed(process.execPath, [cli, ...args], {
      ...process.env,
      NODE_OPTIONS: nodeOptions,
      BENCH_PROBE: file,
    })
    if (!expected.includes(exitCode))
      throw new Error(`yurt-ssh ${args.join(' ')} ended with ${exitCode}:\n${output.slice(-3000)}`)
    return { seconds, ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Measured, 'seconds'>) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export interface Timed {
  seconds: number
  exitCode: number
  output: string
}

/** Runs a program to its end; its exit code is a result. */
export function timed(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = '/',
): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const pieces: Buffer[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => pieces.push(piece))
    child.on('error', reject)
    child.on('close', (status) =>
      resolve({
        seconds: (performance.now() - began) / 1000,
        exitCode: status ?? 255,
        output: Buffer.concat(pieces).toString('utf8'),
      }),
    )
  })
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}
