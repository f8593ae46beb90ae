import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sockets } from './sockets.js'

/** Above the kernel's limit of 4,194,304: no process of the machine can have such a number. */
const firstPid = 5_000_001

/** A process of the lab: a folder in the host's /proc, as far as scripts read it. */
export interface LabProcess {
  readonly pid: number
  /** Takes down what the process said of itself; its sockets go too. */
  end(): void
}

export interface ProcessSpec {
  argv: readonly string[]
  env?: Readonly<Record<string, string>>
  /** The path in its cgroup. */
  cgroup?: string
  /** What `kill` does to it. */
  signal(name: 'TERM' | 'KILL'): void
}

export interface Processes {
  start(spec: ProcessSpec): LabProcess
  /** False when there is no such process. */
  signal(pid: number, name: 'TERM' | 'KILL'): boolean
}

export function createProcesses(root: string, sockets: Sockets): Processes {
  const running = new Map<number, ProcessSpec>()
  let next = firstPid
  return {
    start(spec) {
      const pid = next++
      const folder = join(root, 'proc', String(pid))
      mkdirSync(join(folder, 'fd'), { recursive: true })
      symlinkSync('../net', join(folder, 'net'))
      const environ = Object.entries(spec.env ?? {}).map(([name, value]) => `${name}=${value}`)
      writeFileSync(join(folder, 'cmdline'), nulls(spec.argv))
      writeFileSync(join(folder, 'environ'), nulls(environ))
      writeFileSync(join(folder, 'cgroup'), `0::${spec.cgroup ?? '/system.slice'}\n`)
      writeFileSync(join(folder, 'stat'), statLine(pid, spec.argv[0] ?? ''))
      running.set(pid, spec)
      return {
        pid,
        end() {
          running.delete(pid)
          sockets.drop(pid)
          rmSync(folder, { recursive: true, force: true })
        },
      }
    },
    signal(pid, name) {
      const spec = running.get(pid)
      spec?.signal(name)
      return spec !== undefined
    },
  }
}

function nulls(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join('')
}

/** The start time, field 22, only has to differ from one process to the next: here it is the number itself. */
function statLine(pid: number, program: string): string {
  const name = program.slice(program.lastIndexOf('/') + 1).slice(0, 15)
  return `${pid} (${name}) S 1 ${pid} ${pid} 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 9 0 ${pid} 1 1\n`
}
