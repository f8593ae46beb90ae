import type { HostStep } from '../../src/plan/types.js'
import type { HostStatus, RunEvent } from '../../src/rollout/events.js'

/** Steps of a host as a conversion has them; the first only prepares an undo. */
export const steps: HostStep[] = [
  { kind: 'undo-removes-hub', reason: 'an undo takes the hub away' },
  {
    kind: 'pull-image',
    image: 'openyurt/yurthub:v0.6.1',
    tool: 'crictl',
    endpoint: '',
    reason: 'it is missing',
  },
  { kind: 'wait-hub', timeoutSeconds: 180, reason: 'no kubelet file has changed so far' },
  {
    kind: 'restart-kubelet',
    through: 'hub',
    server: '',
    timeoutSeconds: 180,
    reason: 'it reads its flags at its start',
  },
]

/** Everything that one host tells; a failed one stops at its hub. */
export function hostEvents(host: string, status: HostStatus, seconds: number): RunEvent[] {
  const went = status === 'unreachable' ? [] : status === 'failed' ? steps.slice(0, 3) : steps
  const messages: Partial<Record<HostStatus, string>> = {
    failed: 'the hub did not become healthy within 180 s; put back as it was',
    unreachable: 'no answer on port 22 within 20 s',
  }
  const message = messages[status]
  return [
    { type: 'host', host, title: 'edge hosts' },
    ...went.flatMap((step): RunEvent[] => [
      { type: 'host-step', host, step },
      { type: 'host-output', host, line: `output of ${step.kind}` },
    ]),
    { type: 'host-done', host, status, seconds, ...(message === undefined ? {} : { message }) },
  ]
}
