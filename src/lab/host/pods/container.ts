import { randomBytes } from 'node:crypto'
import type { Program, RunningProgram } from '../../types.js'
import type { LabProcess } from '../processes.js'

export interface ContainerParts {
  /** Makes the process of one start: its program gets what the container was made with. */
  begin(
    id: string,
    signal: (name: 'TERM' | 'KILL') => void,
  ): { process: LabProcess; run: () => RunningProgram }
  /** Why the runtime cannot start it, where its image lacks its command. */
  startError(): string | undefined
  /** Whether the image is there, or could be pulled. */
  hasImage(): boolean
  now(): number
}

export type ContainerState =
  | { kind: 'waiting'; reason: string }
  | { kind: 'running'; startedAt: number }
  | { kind: 'terminated'; exitCode: number; startedAt: number; finishedAt: number }

/** A container that a kubelet keeps running. */
export interface Container {
  readonly name: string
  readonly image: string
  readonly id: string
  readonly restarts: number
  readonly state: ContainerState
  readonly program: RunningProgram | undefined
  readonly process: LabProcess | undefined
  /** Starts it where it is down and its back-off is over. */
  sync(): void
  terminate(): void
  kill(): void
}

/** The kubelet's back-off: 10 s, doubled at each crash up to 300 s, forgotten after ten minutes. */
const backOff = { first: 10_000, longest: 300_000, forgotten: 600_000 }

export function createContainer(name: string, image: string, parts: ContainerParts): Container {
  let id = newId()
  let restarts = 0
  let state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' }
  let running: { process: LabProcess; program: RunningProgram } | undefined
  let wait = 0
  let notBefore = 0

  /** As containerd has it: a container of which no process ever ran. */
  function failToStart(): void {
    id = newId()
    const at = parts.now()
    wait = Math.min(Math.max(backOff.first, wait * 2), backOff.longest)
    notBefore = at + wait
    state = { kind: 'terminated', exitCode: 128, startedAt: at, finishedAt: at }
  }

  function start(): void {
    id = newId()
    const { process, run } = parts.begin(id, (signal) => (signal === 'TERM' ? terminate() : kill()))
    const program = run()
    const startedAt = parts.now()
    running = { process, program }
    state = { kind: 'running', startedAt }
    void program.exited.then((exitCode) => {
      process.end()
      running = undefined
      const finishedAt = parts.now()
      wait = finishedAt - startedAt > backOff.forgotten ? 0 : wait
      notBefore = finishedAt + wait
      wait = Math.min(Math.max(backOff.first, wait * 2), backOff.longest)
      state = { kind: 'terminated', exitCode, startedAt, finishedAt }
    })
  }

  function terminate(): void {
    running?.program.terminate()
  }

  function kill(): void {
    running?.program.kill()
  }

  return {
    name,
    image,
    get id() {
      return id
    },
    get restarts() {
      return restarts
    },
    get state() {
      return state
    },
    get program() {
      return running?.program
    },
    get process() {
      return running?.process
    },
    sync() {
      if (running !== undefined || parts.now() < notBefore) return
      if (!parts.hasImage()) {
        state = { kind: 'waiting', reason: 'ImagePullBackOff' }
        return
      }
      if (state.kind === 'terminated') restarts++
      if (parts.startError() === undefined) start()
      else failToStart()
    },
    terminate,
    kill,
  }
}

function newId(): string {
  return randomBytes(32).toString('hex')
}

/** A program that just runs, for whatever the lab has no stand-in of. */
export const anyProgram: Program = () => {
  let end: (status: number) => void = () => undefined
  const exited = new Promise<number>((resolve) => {
    end = resolve
  })
  return { terminate: () => end(143), kill: () => end(137), exited, ready: () => true }
}
