import type { Lane, Span, Timeline } from '../src/report/timeline.js'

/** A stretch of the chain of steps that decided when a run ended. */
export interface Piece {
  /** Title of the phase. */
  phase: string
  what: string
  seconds: number
  /** Whether the host or the cluster took this time, whoever asks it. */
  wait: boolean
}

/** A wait whose length is chance: a kubelet reports a restarted static pod within 1 to 75 s. */
export const kubeletReport = "kubelet's report to the API"

/** Steps whose time is that of a program which starts, stops or reports, by kind. */
const waits: Record<string, string> = {
  'pull-image': 'image pull',
  'wait-hub': 'hub start',
  'restart-kubelet': 'kubelet restart until Ready',
  'wait-controller-manager': 'kube-controller-manager restart',
  'wait-hub-gone': 'hub stop',
  confirm: kubeletReport,
}

/** Two events of the client at the same moment may be told some milliseconds apart. */
const slack = 0.05

/**
 * The critical path of a run, in order: its phases follow each other, and in a phase of hosts the host that ended last,
 * before it the one whose end let it begin, and so on. Stretches of the same kind in a phase are one piece.
 */
export function criticalPath({ phases, cluster, hosts }: Timeline): Piece[] {
  return phases.flatMap(({ title, from, to, hosts: count }) => {
    const spans = count === 0 ? within(cluster, from, to) : chainOf([...hosts.values()], from, to)
    const pieces = new Map<string, Piece>()
    const add = (what: string, seconds: number, wait: boolean): void => {
      const before = pieces.get(what)?.seconds ?? 0
      pieces.set(what, { phase: title, what, seconds: before + seconds, wait })
    }
    for (const span of spans) {
      const name = span.step === 'cluster' ? 'Deployments and Leases' : waits[span.step]
      add(name ?? 'own steps', span.to - span.from, name !== undefined)
    }
    const known = spans.reduce((sum, span) => sum + span.to - span.from, 0)
    add('own steps', to - from - known, false)
    return [...pieces.values()]
  })
}

/** Spans of the hosts that followed each other without a pause until the phase's end, the last one first. */
function chainOf(lanes: readonly Lane[], from: number, to: number): Span[] {
  const runs = lanes.map(({ spans }) => within(spans, from, to)).filter((spans) => spans.length > 0)
  const endOf = (spans: readonly Span[]): number => spans.at(-1)?.to ?? from
  const chain: Span[] = []
  for (let begin = to; ; ) {
    const before = runs.filter((spans) => endOf(spans) <= begin + slack && (spans[0]?.from ?? begin) < begin)
    const next = before.toSorted((a, b) => endOf(b) - endOf(a))[0]
    if (next === undefined) return chain
    chain.push(...next)
    begin = next[0]?.from ?? from
  }
}

function within(spans: readonly Span[], from: number, to: number): Span[] {
  return spans.filter((span) => span.from >= from - slack && span.to <= to + slack)
}
