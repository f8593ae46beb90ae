/**
 * The seams of the embedded lab: an API server in memory, hosts that are folders with a real shell, and programs that
 * stand in for what runs on them. Nothing here is OpenYurt or Kubernetes: each program is a stand-in, and named so.
 */

/** The lab's time. It runs `speed` times as fast as the machine's, for hosts and programs alike. */
export interface Clock {
  readonly speed: number
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `milliseconds` of the lab; rejects when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** A request to the lab's API server, as it arrives there. */
export interface ApiRequest {
  method: string
  /** With its query, such as `/api/v1/nodes?limit=500`. */
  path: string
  /** Lower-case names. */
  headers?: Record<string, string>
  body?: string
  /** Who asks: `admin`, `system:node:NAME`, `system:serviceaccount:kube-system:NAME`, `system:anonymous` … */
  user: string
}

export interface ApiResponse {
  status: number
  body: string
}

/** Carries one request to the API server, or fails as a network does (an Error with a `code`, such as ECONNREFUSED). */
export type Send = (request: ApiRequest) => Promise<ApiResponse>

/** How the API server behaves: `slow` answers after 2 s of the lab, `failing` with 500, `gone` refuses connections. */
export type ApiHealth = 'up' | 'slow' | 'failing' | 'gone'

/** The API server in memory. */
export interface LabApi {
  /** In-process requests; what `behave` says applies to them too. */
  readonly send: Send
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** A kubeconfig of an administrator, as text. */
  readonly kubeconfig: string
  behave(health: ApiHealth): void
  close(): Promise<void>
}

/** What a stand-in program is started with. */
export interface ProgramContext {
  /** Its arguments, without the program's own name. */
  args: readonly string[]
  env: Readonly<Record<string, string>>
  /** The node it runs on. */
  node: string
  /** Unique per start, as a host name and a UUID are in a leader's identity. */
  identity: string
  /** The API server as this program reaches it, with the identity of its credentials. */
  send: Send
  clock: Clock
  /** A line of its log. */
  log(line: string): void
}

/** A stand-in program that runs. */
export interface RunningProgram {
  /** SIGTERM: it may take its time. */
  terminate(): void
  /** SIGKILL, or the end of its container: at once, nothing is tidied up. */
  kill(): void
  /** Its exit status once it has ended by itself, by `terminate` or by `kill`. Never rejects. */
  readonly exited: Promise<number>
  /** What it answers on a local port, such as 10267; undefined where it does not listen (yet). */
  serve?(port: number, request: ApiRequest): Promise<ApiResponse> | undefined
  /** Whether its container counts as Ready. */
  ready(): boolean
}

export type Program = (context: ProgramContext) => RunningProgram
