import type { FaultKind } from '../faults.js'
import { yurthub } from '../programs/hub/yurthub.js'
import type { Clock, Program } from '../types.js'
import type { Firewall } from './firewall.js'
import type { Network } from './network.js'
import { anyProgram } from './pods/container.js'
import type { LabProcess } from './processes.js'
import type { Sockets } from './sockets.js'

export interface ProgramsOptions {
  root: string
  network: Network
  sockets: Sockets
  firewall: Firewall
  clock: Clock
  /** Milliseconds of the lab. */
  hubFirstStart: number
  faults: ReadonlySet<FaultKind>
  /** Stand-ins beside the hub, by the name of their command. */
  programs: Readonly<Record<string, Program>>
}

/** How long a hub that dies has served: lab milliseconds. */
const lifeOfDyingHub = 20_000

/** The stand-in behind a command's name; what the lab has none of just runs. */
export function programNamed(name: string, process: LabProcess, options: ProgramsOptions): Program {
  const { faults } = options
  if (name === 'yurthub')
    return faults.has('hub-dies') ? dying(hub(process, options), options.clock) : hub(process, options)
  if (name === 'kube-controller-manager' && faults.has('kcm-does-not-start')) return failing
  return options.programs[name] ?? anyProgram
}

function hub(
  process: LabProcess,
  { root, network, sockets, firewall, hubFirstStart, faults }: ProgramsOptions,
): Program {
  return yurthub({
    root,
    firstStart: hubFirstStart,
    listen(port, answer) {
      const close = network.listen(port, answer)
      sockets.listen(process.pid, '127.0.0.1', port)
      return close
    },
    addInterface: firewall.addInterface,
    deleteInterface: firewall.deleteInterface,
    addRule: firewall.addRule,
    deleteRule: firewall.deleteRule,
    neverCertified: () => faults.has('hub-never-healthy'),
  })
}

const failing: Program = (context) => {
  context.log('F lab fault: kcm-does-not-start')
  const ended = anyProgram(context)
  ended.kill()
  return ended
}

/** Kills a program some time after it became ready. */
function dying(program: Program, clock: Clock): Program {
  return (context) => {
    const running = program(context)
    const ended = new AbortController()
    void running.exited.then(() => ended.abort())
    const watch = async (): Promise<void> => {
      while (!running.ready()) await clock.sleep(1000, ended.signal)
      await clock.sleep(lifeOfDyingHub, ended.signal)
      context.log('F lab fault: hub-dies')
      running.kill()
    }
    void watch().catch(() => undefined)
    return running
  }
}
