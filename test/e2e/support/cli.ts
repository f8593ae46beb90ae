import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, readdirSync } from 'node:fs'
import path from 'node:path'
import { inventoryFile, root, scratchFile } from './lab.js'
import type { Finished } from './process.js'

export interface CliRun extends Finished {
  /** Both streams as they came. */
  text: string
  seconds: number
}

export interface RunningCli {
  child: ChildProcess
  /** Resolves when a line of the output matches; rejects when the program ends first, or at the limit. */
  line: (pattern: RegExp, seconds: number) => Promise<string>
  finished: Promise<CliRun>
}

interface CliOptions {
  inventory?: string
}

/** Runs `yurt-ssh VERB -i INVENTORY ...` as its users do: a program of its own, no terminal. */
export function yurtSsh(
  verb: string,
  args: readonly string[] = [],
  options: CliOptions = {},
): Promise<CliRun> {
  return startYurtSsh(verb, args, options).finished
}

/** The same without waiting for its end. The output of every run is kept in .lab/e2e, in the order of the runs. */
export function startYurtSsh(
  verb: string,
  args: readonly string[] = [],
  { inventory = inventoryFile }: CliOptions = {},
): RunningCli {
  const began = Date.now()
  const { FORCE_COLOR: _color, ...environment } = process.env
  const child = spawn(
    process.execPath,
    [path.join(root, 'bin/yurt-ssh.js'), verb, '-i', inventory, ...args],
    {
      cwd: root,
      env: { ...environment, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const kept = createWriteStream(nextLogFile(verb))
  kept.write(`$ yurt-ssh ${[verb, '-i', inventory, ...args].join(' ')}\n`)
  const result: CliRun = { status: -1, stdout: '', stderr: '', text: '', seconds: 0 }
  const watchers = new Set<() => void>()
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      result[stream] += text
      result.text += text
      kept.write(text)
      for (const look of watchers) look()
    })
  }
  const finished = new Promise<CliRun>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      result.status = code ?? -1
      result.seconds = (Date.now() - began) / 1000
      kept.end(`exit ${code ?? signal} after ${result.seconds.toFixed(1)} s\n`)
      resolve(result)
    })
  })
  return {
    child,
    finished,
    line(pattern, seconds) {
      return new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          clearTimeout(limit)
          watchers.delete(look)
          settle()
        }
        const look = (): void => {
          const line = result.text.split('\n').find((candidate) => pattern.test(candidate))
          if (line !== undefined) end(() => resolve(line))
        }
        const limit = setTimeout(
          () => end(() => reject(new Error(`no line like ${pattern} within ${seconds} s:\n${result.text}`))),
          seconds * 1000,
        )
        watchers.add(look)
        look()
        finished.then(
          () => end(() => reject(new Error(`ended without a line like ${pattern}:\n${result.text}`))),
          (error: Error) => end(() => reject(error)),
        )
      })
    },
  }
}

function nextLogFile(verb: string): string {
  const directory = path.dirname(scratchFile('run'))
  const count = readdirSync(directory).filter((name) => name.endsWith('.log')).length
  return scratchFile(`${String(count + 1).padStart(2, '0')}-${verb}.log`)
}
