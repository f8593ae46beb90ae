import { existsSync, type FSWatcher, watch } from 'node:fs'
import type { Clock } from '../../types.js'
import type { Network } from '../network.js'
import type { PodRuntime } from '../pods/runtime.js'
import type { Processes } from '../processes.js'
import type { Sockets } from '../sockets.js'
import { createKubeletClient } from './client.js'
import { renewNodeLease } from './node-lease.js'
import { type Machine, postNodeStatus, registerNode } from './node-status.js'
import { kubeletOptions } from './options.js'
import { createPodSync } from './pod-sync.js'
import { readStaticPods } from './static-pods.js'

export interface KubeletHost {
  root: string
  machine: Omit<Machine, 'node'>
  hostname: string
  processes: Processes
  sockets: Sockets
  network: Network
  runtime: PodRuntime
  images: () => readonly string[]
  clock: Clock
  log(line: string): void
}

/** A stand-in for the kubelet that runs. */
export interface RunningKubelet {
  readonly pid: number
  /** Ends it as SIGTERM does; containers go on. */
  stop(): void
  /** Its exit status, once it has ended by itself or by `stop`. */
  readonly exited: Promise<number>
}

/** Milliseconds of the lab: a first status some time after the start, as was seen on a real node, then rarely. */
const pace = {
  firstStatus: 5500,
  status: 300_000,
  statusRetry: 10_000,
  lease: 10_000,
  containers: 1000,
  pods: 2000,
  files: 20_000,
}

/** Starts a kubelet with this command line; it may find at once that it cannot run. */
export function startKubelet(host: KubeletHost, argv: readonly string[]): RunningKubelet {
  const { root, clock, log, processes } = host
  const stopping = new AbortController()
  const { signal } = stopping
  let end: (status: number) => void = () => undefined
  const exited = new Promise<number>((resolve) => {
    end = resolve
  })
  const process = processes.start({ argv, signal: (name) => finish(name === 'KILL' ? 137 : 0) })
  let watcher: FSWatcher | undefined

  function finish(status: number): void {
    if (signal.aborted) return
    stopping.abort()
    watcher?.close()
    process.end()
    end(status)
  }

  /** Repeats until the kubelet ends; what the network says is logged. */
  async function every(milliseconds: () => number, work: () => Promise<void> | void): Promise<void> {
    while (!signal.aborted) {
      try {
        await work()
      } catch (error) {
        if (!signal.aborted) log(`E ${error instanceof Error ? error.message : String(error)}`)
      }
      await clock.sleep(milliseconds(), signal).catch(() => undefined)
    }
  }

  function run(): void {
    const options = kubeletOptions(root, argv, host.hostname)
    const { node, server, user, staticPodPath } = options
    const machine = { ...host.machine, node }
    const client = createKubeletClient({ server, user, pid: process.pid }, host.network, host.sockets)
    const seconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`
    const pods = createPodSync({
      node,
      client,
      runtime: host.runtime,
      clock,
      seconds,
      staticPods: () =>
        staticPodPath === undefined
          ? []
          : readStaticPods(root, staticPodPath, node, (problem) => log(`E ${problem}`)),
    })
    log(`I Started kubelet for node ${node}, API server ${server}`)
    if (staticPodPath !== undefined && existsSync(root + staticPodPath)) {
      watcher = watch(root + staticPodPath, () => pods.rescan())
      watcher.on('error', () => watcher?.close())
    }
    void every(
      () => pace.files,
      () => pods.rescan(),
    )
    void every(
      () => pace.containers,
      () => pods.restart(),
    )
    void every(
      () => pace.pods,
      () => pods.remote(),
    )
    void every(
      () => pace.lease,
      () => renewNodeLease(client, node, microTime(clock.now())),
    )
    let posted = false
    void clock
      .sleep(pace.firstStatus, signal)
      .then(() =>
        every(
          () => (posted ? pace.status : pace.statusRetry),
          async () => {
            posted = false
            await registerNode(client, machine)
            posted = await postNodeStatus(client, machine, host.images(), seconds(clock.now()))
          },
        ),
      )
      .catch(() => undefined)
  }

  try {
    run()
  } catch (error) {
    log(`F ${error instanceof Error ? error.message : String(error)}`)
    finish(255)
  }
  return { pid: process.pid, stop: () => finish(0), exited }
}

/** A Kubernetes MicroTime has six digits. */
function microTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z')
}
