import { spawn } from 'node:child_process'
import { controlPlanes } from './lab.js'
import { inNode } from './nodes.js'

/** One look at a master's kube-controller-manager. */
export interface Look {
  /** Milliseconds, on the clock that all machines of the lab share. */
  at: number
  up: boolean
}

const flag = '/run/yurt-ssh-e2e-watching'
/** `docker exec` leaves its process running when its client goes: the flag file ends it, and so does its own limit. */
const script = `
touch ${flag}
end=$(($(date +%s) + 1800))
while [ -e ${flag} ] && [ "$(date +%s)" -lt $end ]; do
  at=$(date +%s%3N)
  code=$(curl -sk --noproxy '*' -m 2 -o /dev/null -w '%{http_code}' https://127.0.0.1:10257/healthz || :)
  if pgrep -f '^kube-controller-manager ' >/dev/null; then process=there; else process=gone; fi
  echo "$at $code $process"
  sleep 0.5
done
`

/** Looks at every master's kube-controller-manager twice a second, from inside the machine, until it is stopped. */
export function watchControllerManagers(): { stop: () => Promise<Map<string, Look[]>> } {
  const watched = controlPlanes.map((node) => {
    const child = spawn('docker', ['exec', '-i', node, 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
    return { node, ended, looks: () => parse(text) }
  })
  return {
    async stop() {
      await Promise.all(watched.map(({ node }) => inNode(node, `rm -f ${flag}`)))
      await Promise.all(watched.map(({ ended }) => ended))
      return new Map(watched.map(({ node, looks }) => [node, looks()]))
    },
  }
}

function parse(text: string): Look[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [at, code, process] = line.split(' ')
      return { at: Number(at), up: code === '200' && process === 'there' }
    })
}

export interface Span {
  from: number
  to: number
}

/** When it was down: from the last look that saw it up to the next that did, so rather too long than too short. */
export function downSpans(looks: readonly Look[]): Span[] {
  const spans: Span[] = []
  for (const [index, { at, up }] of looks.entries()) {
    if (up) continue
    const previous = looks[index - 1]
    const from = previous?.at ?? at
    const to = looks.slice(index).find((look) => look.up)?.at ?? Number.POSITIVE_INFINITY
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

/** The longest time between two looks, in milliseconds: what the watch could have missed. */
export function longestGap(looks: readonly Look[]): number {
  return Math.max(...looks.slice(1).map(({ at }, index) => at - (looks[index]?.at ?? 0)))
}
