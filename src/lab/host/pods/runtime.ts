import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiRequest, ApiResponse, Clock, Program, Send } from '../../types.js'
import type { Images } from '../images.js'
import type { LabProcess, Processes } from '../processes.js'
import { type Container, createContainer } from './container.js'
import { containerCommand, containerEnvironment, type PodAddresses } from './environment.js'
import { launched } from './launch.js'
import type { Pod } from './types.js'

/** The containers of a host. They outlive a kubelet that restarts. */
export interface PodRuntime {
  readonly pods: ReadonlyMap<string, RunningPod>
  /** The containers of a pod, made but not started: `sync` of each starts it. */
  create(uid: string, pod: Pod): RunningPod
  /** What containers made from now on learn of Services, also those of pods that an earlier kubelet began. */
  setServices(variables: Readonly<Record<string, string>>): void
  /** Ends them: SIGTERM, SIGKILL once the pod's grace is over. Resolves when none is left. */
  remove(uid: string): Promise<void>
  /** What a container answers on a port of the host; undefined where none listens. */
  serve(port: number, request: ApiRequest): Promise<ApiResponse> | undefined
  kill(): Promise<void>
}

export interface RunningPod {
  readonly uid: string
  readonly pod: Pod
  readonly containers: readonly Container[]
  readonly addresses: PodAddresses
  readonly createdAt: number
  readonly removing: boolean
}

export interface RuntimeOptions {
  root: string
  node: string
  address: string
  cgroupDriver: 'systemd' | 'cgroupfs'
  processes: Processes
  images: Images
  clock: Clock
  send: Send
  /** The runtime's own words where it cannot start such a command. */
  startError(name: string): string | undefined
  /** A line of the kubelet's journal. */
  say(line: string): void
  /** The program behind a command's name, for one start of it. */
  program(name: string, process: LabProcess): Program
}

export function createPodRuntime(options: RuntimeOptions): PodRuntime {
  const { root, node, clock, images, processes } = options
  const pods = new Map<string, RunningPod & { removing: boolean }>()
  let lastAddress = 1
  let services: Readonly<Record<string, string>> = {
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443',
  }

  function create(uid: string, pod: Pod): RunningPod {
    lastAddress = (lastAddress % 250) + 1
    const podIP = pod.spec.hostNetwork
      ? options.address
      : `10.244.${options.address.split('.').at(-1)}.${lastAddress}`
    const addresses = { podIP, hostIP: options.address }
    const containers = pod.spec.containers.map((spec) =>
      createContainer(spec.name, spec.image, {
        hasImage: () =>
          images.has(spec.image) || (spec.imagePullPolicy !== 'Never' && images.pull(spec.image)),
        now: clock.now,
        startError() {
          const [command = ''] = containerCommand(spec, containerEnvironment(pod, spec, services, addresses))
          const error = options.startError(command.replace(/.*\//, ''))
          if (error !== undefined)
            options.say(
              `E pod_workers.go:191] Error syncing pod ${uid} ("${pod.metadata.name}_${pod.metadata.namespace}(${uid})"), skipping: failed to "StartContainer" for "${spec.name}" with RunContainerError: "${error}"`,
            )
          return error
        },
        begin(id, signal) {
          const env = containerEnvironment(pod, spec, services, addresses)
          const { argv, name, args } = launched(containerCommand(spec, env))
          const process = processes.start({ argv, env, cgroup: cgroupOf(uid, id), signal })
          const log = logFile(uid, pod, spec.name)
          const program = options.program(name, process)
          const identity = `${pod.spec.hostNetwork ? node : pod.metadata.name}_${randomUUID()}`
          return {
            process,
            run: () => program({ args, env, node, identity, send: options.send, clock, log }),
          }
        },
      }),
    )
    const running = { uid, pod, containers, addresses, createdAt: clock.now(), removing: false }
    pods.set(uid, running)
    return running
  }

  /** As the kubelet's cgroup drivers name it. */
  function cgroupOf(uid: string, id: string): string {
    return options.cgroupDriver === 'systemd'
      ? `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`
      : `/kubepods/burstable/pod${uid}/${id}`
  }

  function logFolder(uid: string, { metadata }: Pod): string {
    return join(root, 'var/log/pods', `${metadata.namespace ?? 'default'}_${metadata.name}_${uid}`)
  }

  /** Appends to the container's log, as the container runtime interface formats it. */
  function logFile(uid: string, pod: Pod, container: string): (line: string) => void {
    const folder = join(logFolder(uid, pod), container)
    mkdirSync(folder, { recursive: true })
    return (line) => {
      // the last words of a program may come when its folder is gone
      if (pods.get(uid) === undefined) return
      appendFileSync(join(folder, '0.log'), `${new Date(clock.now()).toISOString()} stderr F ${line}\n`)
    }
  }

  async function remove(uid: string): Promise<void> {
    const running = pods.get(uid)
    if (running === undefined) return
    running.removing = true
    const ended = running.containers.map((container) => container.program?.exited)
    for (const container of running.containers) container.terminate()
    const over = new AbortController()
    const grace = (running.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
    const late = clock.sleep(grace, over.signal).then(
      () => running.containers.forEach((container) => void container.kill()),
      () => undefined,
    )
    await Promise.all(ended)
    over.abort()
    await late
    pods.delete(uid)
    rmSync(logFolder(uid, running.pod), { recursive: true, force: true })
  }

  return {
    pods,
    create,
    setServices(variables) {
      services = variables
    },
    remove,
    serve(port, request) {
      for (const { containers } of pods.values()) {
        for (const { program } of containers) {
          const answer = program?.serve?.(port, request)
          if (answer !== undefined) return answer
        }
      }
      return undefined
    },
    async kill() {
      const all = [...pods.values()].flatMap(({ containers }) => containers)
      const ended = all.map((container) => container.program?.exited)
      for (const container of all) container.kill()
      await Promise.all(ended)
      pods.clear()
    },
  }
}
