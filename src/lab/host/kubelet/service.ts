import type { Clock } from '../../types.js'
import { unitCommand } from '../systemd/command-line.js'
import type { ActiveState, Service } from '../systemd/service.js'
import type { LoadedUnit } from '../systemd/unit-files.js'
import type { RunningKubelet } from './kubelet.js'

export interface KubeletServiceOptions {
  root: string
  clock: Clock
  /** Starts it with a command line; a string is why it must not start. */
  launch: (argv: readonly string[]) => RunningKubelet | string
  log(line: string): void
}

/** RestartSec= of kubeadm's unit. */
const restartMilliseconds = 10_000

/** kubelet.service: Type=simple and Restart=always, so a start succeeds even if the kubelet dies at once. */
export function createKubeletService({ root, clock, launch, log }: KubeletServiceOptions): Service {
  let state: ActiveState = 'inactive'
  let kubelet: RunningKubelet | undefined
  let wanted: AbortController | undefined

  function launchOnce({ settings }: LoadedUnit): string | undefined {
    const command = unitCommand(root, settings)
    if ('problem' in command) return command.problem
    const started = launch(command.argv)
    if (typeof started !== 'string') kubelet = started
    else log(`F ${started}`)
    return undefined
  }

  async function keepRunning(unit: LoadedUnit, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const status = (await kubelet?.exited) ?? 1
      kubelet = undefined
      if (signal.aborted) return
      state = 'activating'
      log(`kubelet.service: Main process exited, code=exited, status=${status}`)
      await clock.sleep(restartMilliseconds, signal).catch(() => undefined)
      if (signal.aborted) return
      state = 'active'
      const problem = launchOnce(unit)
      if (problem !== undefined) log(`kubelet.service: ${problem}`)
    }
  }

  async function stop(): Promise<void> {
    wanted?.abort()
    kubelet?.stop()
    await kubelet?.exited
    kubelet = undefined
    state = 'inactive'
  }

  return {
    state: () => state,
    mainPid: () => kubelet?.pid ?? 0,
    async start(unit) {
      if (state === 'active' || state === 'activating') return {}
      const problem = launchOnce(unit)
      if (problem !== undefined) {
        state = 'failed'
        log(`kubelet.service: ${problem}`)
        return { problem }
      }
      state = 'active'
      wanted = new AbortController()
      void keepRunning(unit, wanted.signal)
      return {}
    },
    stop,
    kill: stop,
  }
}
