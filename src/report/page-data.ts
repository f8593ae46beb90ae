import type { RunReport } from './summary.js'

/** What the page's script draws from; texts stand once, and times are rounded: 1,000 hosts have 10,000 spans. */
export interface PageData {
  /** RFC 3339, and seconds. */
  began: string
  seconds: number
  texts: string[]
  phases: { title: string; from: number; to: number }[]
  hosts: PageHost[]
}

export interface PageHost {
  name: string
  /** The node where it is named otherwise. */
  node?: string
  groups: string[]
  status: string
  /** Why it failed. */
  error?: string
  /** Kind of step, index of its text, from, to. */
  spans: [string, number, number, number][]
}

export function pageData(report: RunReport): PageData {
  const texts = new Map<string, number>()
  const textIndex = (text: string): number => {
    const index = texts.get(text) ?? texts.size
    texts.set(text, index)
    return index
  }
  const spansOf = (spans: RunReport['cluster']): PageHost['spans'] =>
    spans.map(({ step, text, from, to }) => [step, textIndex(text), tenths(from), tenths(to)])
  const hosts = report.hosts.map(
    ({ name, node, groups, status, errors, spans }): PageHost => ({
      name,
      ...(node === name ? {} : { node }),
      groups,
      status,
      ...(errors[0] === undefined ? {} : { error: errors[0].message }),
      spans: spansOf(spans),
    }),
  )
  const cluster: PageHost[] =
    report.cluster.length === 0
      ? []
      : [{ name: 'cluster', groups: [], status: 'cluster', spans: spansOf(report.cluster) }]
  return {
    began: report.began,
    seconds: Math.max(0.1, tenths(report.seconds)),
    hosts: [...cluster, ...hosts],
    texts: [...texts.keys()],
    phases: report.phases.map(({ title, from, to }) => ({ title, from: tenths(from), to: tenths(to) })),
  }
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10
}
