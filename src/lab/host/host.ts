import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultKind } from '../faults.js'
import type { HostSpec } from '../fleet/types.js'
import type { Clock, Program, Send } from '../types.js'
import { answerCalls } from './calls.js'
import { createCommands } from './commands.js'
import { createDisk } from './disk.js'
import { makeRoot } from './files.js'
import { createFirewall } from './firewall.js'
import { createImages } from './images.js'
import { createJournal } from './journal.js'
import { createLauncher } from './kubelet/launcher.js'
import { createKubeletService } from './kubelet/service.js'
import { createNetwork, failure } from './network.js'
import { createPodRuntime } from './pods/runtime.js'
import { createProcesses } from './processes.js'
import { programNamed } from './programs.js'
import { installShims } from './shims.js'
import { createSockets } from './sockets.js'
import { startSshServer } from './ssh-server.js'
import { createScriptService } from './systemd/script-service.js'
import { createSystemd } from './systemd/systemctl.js'
import { wordingOf } from './systemd/versions.js'

export interface HostOptions {
  root: string
  clock: Clock
  api: Send
  /** Addresses of the API server as hosts write them. */
  apiServers: readonly string[]
  /** Public key of whoever may log in. */
  operatorKey: string
  /** Private key of the host itself. */
  hostKey: string
  /** Milliseconds of the lab that a hub's first start takes. */
  hubFirstStart: number
  /** Stand-ins beside the hub, by the name of their command. */
  programs: Readonly<Record<string, Program>>
}

/** A host of the lab: a folder with a shell behind SSH, and what supervises it. */
export interface LabHost {
  readonly spec: HostSpec
  readonly root: string
  readonly port: number
  readonly faults: ReadonlySet<FaultKind>
  setFault(kind: FaultKind, on: boolean): void
  /** What a container has logged; undefined where there is no such pod. */
  containerLog(namespace: string, pod: string, container?: string): string | undefined
  close(): Promise<void>
}

const latencyMilliseconds = 300

export async function startHost(spec: HostSpec, options: HostOptions): Promise<LabHost> {
  const { root, clock } = options
  const lab = join(root, '.lab')
  const faults = new Set<FaultKind>()
  const bootId = makeRoot(root, spec)
  installShims(lab, {
    speed: clock.speed,
    machine: spec.arch === 'arm64' ? 'aarch64' : 'x86_64',
    imageTools: spec.imageTools,
  })
  execFileSync(join(lab, 'real/mkfifo'), [join(lab, 'calls')])

  const journal = createJournal(clock.now)
  const sockets = createSockets(root, spec.address)
  const processes = createProcesses(root, sockets)
  const firewall = createFirewall(root)
  const disk = createDisk(lab, faults)
  const registry = (): boolean => !faults.has('image-missing')
  const images = createImages(spec.images, registry)
  const send: Send = (request) =>
    faults.has('no-api')
      ? Promise.reject(failure('ECONNREFUSED', 'no route to the API server'))
      : options.api(request)
  const network = createNetwork({ apiServers: options.apiServers, api: send, registries: registry })
  const runtime = createPodRuntime({
    root,
    node: spec.name,
    address: spec.address,
    cgroupDriver: spec.cgroupDriver,
    processes,
    images,
    clock,
    send,
    startError: (name) =>
      name === 'yurthub' && faults.has('hub-not-in-image')
        ? 'failed to create containerd task: OCI runtime create failed: exec: \\"yurthub\\": executable file not found in $PATH: unknown'
        : undefined,
    say: (line) => journal.write('kubelet', line),
    program: (name, process) =>
      programNamed(name, process, { ...options, network, sockets, firewall, faults }),
  })
  network.fallback(runtime.serve)
  const machine = {
    address: spec.address,
    arch: spec.arch,
    bootId,
    kubeletVersion: 'v1.20.2',
    containerRuntime: `${spec.engine}://1.4.13`,
  }
  const env = { PATH: join(lab, 'bin'), HOME: '/root', YURT_SSH_ROOT: root }
  const systemd = createSystemd(root, spec.systemd, clock, (name) => {
    const unit = name.replace(/\.service$/, '')
    const log = (line: string): void => journal.write(unit, line)
    const { knowsRuntimeMaxSec: limits } = wordingOf(spec.systemd)
    if (unit !== 'kubelet') return createScriptService({ env, clock, prefix: disk.prefix, limits, log })
    const present = (): string[] => spec.images.filter(images.has)
    const hostname = spec.name
    const parts = {
      root,
      machine,
      hostname,
      processes,
      sockets,
      network,
      runtime,
      images: present,
      clock,
      log,
    }
    return createKubeletService({ root, clock, log, launch: createLauncher(parts, faults) })
  })
  const stopAnswering = answerCalls(
    join(lab, 'calls'),
    createCommands({ root, clock, faults, systemd, journal, network, firewall, images, disk, processes }),
  )
  const setSudo = (): void =>
    writeFileSync(join(lab, 'sudo'), `${faults.has('wrong-sudo') ? 'wrong' : spec.sudo}\n`)
  setSudo()
  if (spec.sudo === 'absent') rmSync(join(lab, 'bin/sudo'))
  const ssh = await startSshServer({
    hostKey: options.hostKey,
    operatorKey: options.operatorKey,
    user: spec.user,
    env: spec.user === 'root' ? env : { ...env, YURT_SSH_LAB_UID: '1000' },
    prefix: disk.prefix,
    delay: () => (faults.has('latency') ? latencyMilliseconds : 0),
    refuses: () => faults.has('unreachable'),
  })
  await systemd.systemctl(['start', 'kubelet.service'])

  return {
    spec,
    root,
    port: ssh.port,
    faults,
    setFault(kind, on) {
      if (on && kind !== 'cut-link') faults.add(kind)
      else faults.delete(kind)
      if (on && (kind === 'cut-link' || kind === 'unreachable')) ssh.cut()
      if (on && kind === 'image-missing')
        for (const image of spec.images.filter((name) => name.includes('/openyurt/'))) images.remove(image)
      if (kind === 'wrong-sudo') setSudo()
      if (kind === 'slow-disk') disk.setSlow(on)
    },
    containerLog(namespace, pod, container) {
      const found = [...runtime.pods.values()].find(
        (running) => running.pod.metadata.name === pod && running.pod.metadata.namespace === namespace,
      )
      const name = container ?? found?.containers[0]?.name
      if (found === undefined || name === undefined) return undefined
      const file = join(root, 'var/log/pods', `${namespace}_${pod}_${found.uid}`, name, '0.log')
      return existsSync(file) ? readFileSync(file, 'utf8').replace(/^\S+ stderr F /gm, '') : ''
    },
    async close() {
      await ssh.close()
      await systemd.kill()
      await runtime.kill()
      stopAnswering()
    },
  }
}
