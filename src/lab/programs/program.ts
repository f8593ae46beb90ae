import type { ApiRequest, ApiResponse, ProgramContext, RunningProgram } from '../types.js'

/** What a process ends with when a signal ends it. */
const sigterm = 143
const sigkill = 137
/** As a Go program that panics. */
const panic = 2

export interface ProgramBody {
  /** Runs until it returns an exit status, or the signal aborts. */
  main(signal: AbortSignal): Promise<number>
  /** Answers on a local port; undefined where it does not listen. */
  serve?(port: number, request: ApiRequest): ApiResponse | undefined
  ready?(): boolean
}

/** Starts a stand-in. It takes no time to end: nothing of it outlives its signal. */
export function runProgram({ log }: ProgramContext, body: ProgramBody): RunningProgram {
  const stopping = new AbortController()
  let ended = false
  let end: (code: number) => void = () => {}
  const exited = new Promise<number>((resolve) => {
    end = (code) => {
      ended = true
      resolve(code)
    }
  })

  function stop(code: number): void {
    end(code)
    stopping.abort()
  }

  body.main(stopping.signal).then(end, (error: unknown) => {
    if (stopping.signal.aborted) return
    log(`panic: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    end(panic)
  })
  return {
    terminate: () => stop(sigterm),
    kill: () => stop(sigkill),
    exited,
    serve(port, request) {
      const answer = ended ? undefined : body.serve?.(port, request)
      return answer === undefined ? undefined : Promise.resolve(answer)
    },
    ready: () => !ended && (body.ready?.() ?? true),
  }
}

/** `/healthz` on this port, as the controller managers serve it. */
export function healthzOn(own: number): NonNullable<ProgramBody['serve']> {
  return (port, { path }) => {
    if (port !== own) return undefined
    return path.split('?')[0] === '/healthz'
      ? { status: 200, body: 'ok' }
      : { status: 404, body: 'not found' }
  }
}
