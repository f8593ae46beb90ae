import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '../../types.js'
import type { ActiveState, Service } from './service.js'
import { serviceValues, type UnitSetting, wordsOf } from './unit-text.js'

export interface ScriptServiceOptions {
  env: Readonly<Record<string, string>>
  clock: Clock
  /** What runs a part of the unit: the words in front of its own. */
  prefix: () => readonly string[]
  /** Whether it heeds RuntimeMaxSec=. */
  limits: boolean
  log(line: string): void
}

/**
 * A unit whose ExecStart= and ExecStopPost= are real scripts, as a transaction is. Each part leads a process group of
 * its own. Whatever ends the first, kill -9 too, what is left of its group is killed and the second runs (KillMode=mixed,
 * RuntimeMaxSec=, TimeoutStopSec=).
 */
export function createScriptService({ env, clock, prefix, limits, log }: ScriptServiceOptions): Service {
  let state: ActiveState = 'inactive'
  let main: ChildProcess | undefined
  let whole: Promise<void> = Promise.resolve()
  let over = false

  function run(command: string): Promise<number> {
    const [program = '', ...args] = [...prefix(), ...wordsOf(command)]
    const child = spawn(program, args, { env, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    main = child
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => log(data.toString().trimEnd()))
    return new Promise((resolve) => {
      child.on('error', () => resolve(203))
      child.on('exit', (code) => {
        signalGroup(child, 'SIGKILL')
        resolve(code ?? 255)
      })
    })
  }

  async function runUnit(settings: UnitSetting[]): Promise<void> {
    const value = (key: string): string => serviceValues(settings, key).at(-1) ?? ''
    const ended = new AbortController()
    const limit = limits ? Number(value('RuntimeMaxSec')) || 0 : 0
    if (limit > 0) void stopAfter(limit, Number(value('TimeoutStopSec')) || 90, ended.signal)
    const status = await run(value('ExecStart'))
    ended.abort()
    state = 'deactivating'
    if (!over && value('ExecStopPost') !== '') await run(value('ExecStopPost'))
    main = undefined
    state = status === 0 ? 'inactive' : 'failed'
  }

  async function stopAfter(seconds: number, graceSeconds: number, signal: AbortSignal): Promise<void> {
    try {
      await clock.sleep(seconds * 1000, signal)
      main?.kill('SIGTERM')
      await clock.sleep(graceSeconds * 1000, signal)
      if (main !== undefined) signalGroup(main, 'SIGKILL')
    } catch {
      // it ended in time
    }
  }

  return {
    state: () => state,
    mainPid: () => main?.pid ?? 0,
    async start({ settings }) {
      if (state === 'inactive' || state === 'failed') {
        state = 'active'
        whole = runUnit(settings)
      }
      return {}
    },
    async stop() {
      if (state === 'active') main?.kill('SIGTERM')
      await whole
    },
    async kill() {
      over = true
      if (main !== undefined) signalGroup(main, 'SIGKILL')
      await whole
    },
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // nothing is left of it
  }
}
