import { setTimeout as sleep } from 'node:timers/promises'
import pLimit, { type LimitFunction } from 'p-limit'
import type { HostWork, Phase } from '../plan/types.js'
import type { Emit } from './events.js'
import type { HostResult } from './host.js'
import type { Threshold } from './threshold.js'
import type { Schedule } from './waves.js'

/** A wave that may begin, for the operator to say yes to. */
export interface WaveAhead {
  /** The phase's. */
  title: string
  /** From 0, and how many the phase has. */
  index: number
  count: number
  hosts: readonly string[]
  /** Hosts that were worked before it, and those of them that failed. */
  done: number
  failed: number
}

/** What decides who is worked when. */
export interface Rhythm {
  schedule: Schedule
  forks: number
  pauseSeconds: number
  /** Asked before every wave but the first of the run; absent where nobody wants to be asked. */
  approveWave?: (wave: WaveAhead) => Promise<boolean>
}

/** What a phase shares with the phases before and after it. */
export interface HostsRun extends Rhythm {
  threshold: Threshold
  /** Whether no new host may begin, for another reason than the threshold. */
  stop: AbortSignal
  emit: Emit
  work: (work: HostWork, title: string) => Promise<HostResult>
  /** Results so far, of all phases. */
  results: HostResult[]
  /** Waves begun so far, of all phases. */
  wavesBegun: number
}

/** How a phase of hosts ended: `declined` is a wave that the operator did not approve. */
export type PhaseEnd = 'done' | 'stopped' | 'threshold' | 'declined'

/**
 * Works the hosts of a phase wave by wave; a wave begins when all hosts of the one before are verified. `waves` is empty
 * for a phase that does not go in waves. Every host gets a result, those that were not begun `skipped`.
 */
export async function runHostsPhase(
  phase: Phase & { kind: 'hosts' },
  waves: readonly (readonly string[])[],
  run: HostsRun,
): Promise<PhaseEnd> {
  const byName = new Map(phase.work.map((work) => [work.host, work]))
  const gate = createGate(phase, run)
  const begin = async (work: HostWork): Promise<HostResult> => {
    if (!gate.isOpen()) return skipped(work, phase.title)
    const result = await run.work(work, phase.title)
    if (result.error !== undefined) gate.failed(work.host)
    return result
  }
  if (waves.length === 0) {
    run.results.push(
      ...(await Promise.all(phase.work.map((work) => gate.limit(work.host, () => begin(work))))),
    )
  }
  for (const [index, hosts] of waves.entries()) {
    gate.beforeWave()
    const ahead = { title: phase.title, index, count: waves.length, hosts }
    if (gate.isOpen() && !(await mayBegin(ahead, run))) gate.decline()
    if (gate.isOpen()) {
      run.wavesBegun += 1
      if (waves.length > 1) run.emit({ type: 'wave', index, count: waves.length, hosts: hosts.length })
    }
    const wave = hosts.flatMap((host) => byName.get(host) ?? [])
    run.results.push(...(await Promise.all(wave.map((work) => gate.limit(work.host, () => begin(work))))))
  }
  return gate.end()
}

/** Whether a host may begin now, and how many at once: the window of `forks`, inside it that of the host's group. */
function createGate(phase: Phase & { kind: 'hosts' }, run: HostsRun) {
  const { schedule, threshold, stop } = run
  const window = pLimit(phase.order === 'one-by-one' ? 1 : run.forks)
  const groups = new Map<string, LimitFunction>()
  for (const [group, most] of schedule.atOnce) groups.set(group, pLimit(most))
  let failures = 0
  let declined = false
  let held = false
  const stopsHere = (): boolean => phase.onFailure === 'stop' && failures > 0
  return {
    isOpen: (): boolean =>
      !stopsHere() && !declined && !held && threshold.stop() !== 'at-once' && !stop.aborted,
    beforeWave(): void {
      held = threshold.stop() !== 'no'
    },
    decline(): void {
      declined = true
    },
    failed(host: string): void {
      failures += 1
      threshold.failed(host)
    },
    limit<T>(host: string, begin: () => Promise<T>): Promise<T> {
      const group = groups.get(schedule.groupOf.get(host) ?? '')
      return group === undefined ? window(begin) : group(() => window(begin))
    },
    end(): PhaseEnd {
      if (stop.aborted) return 'stopped'
      if (declined) return 'declined'
      if (stopsHere()) return 'stopped'
      if (threshold.stop() !== 'no') return 'threshold'
      return phase.onFailure === 'go-on' || failures === 0 ? 'done' : 'stopped'
    },
  }
}

/** The pause and the question before a wave; false when the operator says no. An interrupted pause just ends. */
async function mayBegin(
  ahead: Omit<WaveAhead, 'done' | 'failed'>,
  { wavesBegun, results, pauseSeconds, approveWave, stop, emit }: HostsRun,
): Promise<boolean> {
  if (wavesBegun === 0) return true
  if (pauseSeconds > 0) {
    emit({ type: 'note', text: `pause of ${pauseSeconds} s before the next wave` })
    await sleep(pauseSeconds * 1000, undefined, { signal: stop }).catch(() => undefined)
  }
  if (stop.aborted || approveWave === undefined) return true
  const worked = results.filter(({ status }) => status !== 'skipped')
  const failed = worked.filter(({ error }) => error !== undefined).length
  return approveWave({ ...ahead, done: worked.length, failed })
}

function skipped({ host, node }: HostWork, title: string): HostResult {
  return { host, node, title, status: 'skipped', seconds: 0, steps: [], notes: [] }
}
