import { controlPlanes, speed } from './lab.js'
import { controllerManagers, inNode } from './nodes.js'
import { sleep } from './wait.js'

/** One look at a master's kube-controller-manager. */
export interface Look {
  /** Milliseconds, when the look began and ended. */
  from: number
  to: number
  up: boolean
  /** The process, told apart from one that had its id before; '' where there is none. */
  process: string
}

/** Its process, and what it answers on its own port. */
const script = `
${controllerManagers}
code=$(curl -sk --noproxy '*' -m 2 -o /dev/null -w '%{http_code}' https://127.0.0.1:10257/healthz || :)
for cmdline in $(controller_managers); do
  echo "$code $cmdline $(sed 's/.*) //' "\${cmdline%/*}/stat" | cut -d ' ' -f 20)"
done
`

/** Looks at every master's kube-controller-manager twice a second of the lab, until it is stopped. */
export function watchControllerManagers(): { stop: () => Promise<Map<string, Look[]>> } {
  let stopped = false
  const watch = async (node: string): Promise<[string, Look[]]> => {
    const looks: Look[] = []
    while (!stopped) {
      const from = Date.now()
      const [code, ...process] = (await inNode(node, script)).trim().split(' ')
      looks.push({ from, to: Date.now(), up: code === '200', process: process.join(' ') })
      await sleep(0.5 / speed)
    }
    return [node, looks]
  }
  const watched = Promise.all(controlPlanes.map(watch))
  return {
    async stop() {
      stopped = true
      return new Map(await watched)
    },
  }
}

export interface Span {
  from: number
  to: number
}

/**
 * When it was down: from the last look that saw a process up to the next that did, be it another process; so rather too
 * long than too short.
 */
export function downSpans(looks: readonly Look[]): Span[] {
  const spans: Span[] = []
  for (const [index, { from: began, up, process }] of looks.entries()) {
    const previous = looks[index - 1]
    if (up && (previous === undefined || !previous.up || previous.process === process)) continue
    const from = previous?.from ?? began
    const to = looks.slice(index).find((look) => look.up)?.to ?? Number.POSITIVE_INFINITY
    const last = spans.at(-1)
    if (last !== undefined && from <= last.to) last.to = to
    else spans.push({ from, to })
  }
  return spans
}

/** Spans of one that overlap a span of the other. */
export function overlaps(some: readonly Span[], others: readonly Span[]): Span[] {
  return some.filter(({ from, to }) => others.some((other) => from < other.to && other.from < to))
}
