import type { Plan } from '../../src/plan/types.js'
import type { RecordedEvent, RecordedHostResult, RunEnd, RunHeader } from '../../src/report/record-format.js'
import type { RunRecord } from '../../src/report/record-reader.js'
import type { HostStatus } from '../../src/rollout/events.js'

const began = Date.parse('2026-11-24T22:00:00.000Z')
const time = (seconds: number): string => new Date(began + seconds * 1000).toISOString()

/** The same numbers every time. */
function numbers(): () => number {
  let state = 42
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

const hostSteps: [step: string, text: string, seconds: number][] = [
  ['pull-image', 'pull image openyurt/yurthub:v0.6.1', 9],
  ['make-directory', 'make directory /var/lib/yurthub/pki (0755)', 0.3],
  ['write-file', 'create /var/lib/yurthub/bootstrap-hub.conf (0600)', 0.4],
  ['write-file', 'create /etc/kubernetes/manifests/yurt-hub.yaml (0600)', 0.4],
  ['wait-hub', 'wait for the hub, up to 180 s', 42],
  ['write-file', 'change /var/lib/kubelet/kubeadm-flags.env (0644)', 0.4],
  ['restart-kubelet', 'restart the kubelet, prove it through the hub', 21],
]

/** What went wrong on a host, by chance. */
const troubles = [
  {
    status: 'failed',
    code: 'HOST_FAILED',
    message: 'the hub did not become healthy within 180 s; put back as it was',
    hint: 'it waits for its certificate: is yurt-controller-manager running, and is its Lease being renewed?',
    detail:
      '--- hub:\nI1124 22:01:04 start.go:60] yurthub version: v0.6.1\nE1124 22:01:09 certificate_manager.go:434] certificate request was not signed: timed out waiting for the condition\n<script>alert("a hostile host")</script>\n--- kubelet:\nE1124 22:01:11 kubelet.go:2183] node not found',
  },
  {
    status: 'unreachable',
    code: 'SSH_LOST',
    message: 'the connection was lost and did not come back within 900 s',
    hint: 'the host finishes or undoes by itself: run the same command again',
    detail: '',
  },
] as const

/** A record of a conversion of `count` edge hosts, `forks` at a time; one in `oddity` hosts comes to no good. */
export function simulatedRun(count: number, { forks = 30, oddity = 50 } = {}): RunRecord {
  const next = numbers()
  const events: RecordedEvent[] = []
  const results: RecordedHostResult[] = []
  const names = Array.from({ length: count }, (_, index) => `edge-${String(index + 1).padStart(4, '0')}`)
  events.push({ time: time(0), type: 'phase', title: 'components', index: 0, count: 2, hosts: 0 })
  const texts = [
    'create ClusterRole yurt-controller-manager',
    'create Deployment kube-system/yurt-controller-manager',
    'wait for Deployment yurt-controller-manager, up to 180 s',
  ]
  for (const [index, text] of texts.entries())
    events.push({ time: time(index * 2), type: 'cluster-step', text })
  events.push({ time: time(24), type: 'phase-done', title: 'components', seconds: 24 })
  events.push({ time: time(24), type: 'phase', title: 'edge hosts', index: 1, count: 2, hosts: count })
  const free = Array.from({ length: forks }, () => 24)
  for (const [index, host] of names.entries()) {
    const slot = free.indexOf(Math.min(...free))
    const from = (free[slot] ?? 0) + next()
    const trouble =
      index % oddity === Math.min(oddity - 1, 2) ? troubles[(index / oddity) % 3 < 2 ? 0 : 1] : undefined
    const { at, steps } = work(host, from, trouble !== undefined, next, events)
    const status: HostStatus = trouble?.status ?? 'changed'
    const message = trouble === undefined ? {} : { message: trouble.message }
    events.push({ time: time(at), type: 'host-done', host, status, seconds: at - from, ...message })
    results.push({
      host,
      node: host,
      title: 'edge hosts',
      status,
      seconds: at - from,
      steps,
      notes: index === 1 ? ['its flags were changed since the last run'] : [],
      ...(trouble === undefined ? {} : { error: { ...trouble, host } }),
    })
    free[slot] = at
  }
  const seconds = Math.max(...free)
  events.push({ time: time(seconds), type: 'phase-done', title: 'edge hosts', seconds: seconds - 24 })
  events.sort((a, b) => a.time.localeCompare(b.time))
  const end: RunEnd = {
    format: 1,
    id: header(names).id,
    ended: time(seconds),
    exitCode: results.every(({ status }) => status === 'changed') ? 0 : 3,
    warnings: [{ name: 'Iptables', host: names[0] ?? '', message: 'has no iptables' }],
    hosts: results,
    skipped: [],
    interrupted: false,
  }
  return {
    header: header(names),
    plan: planOf(names),
    events,
    end,
    alive: false,
    log: (host) =>
      `2026-11-24T22:00:24.000Z == edge hosts\n2026-11-24T22:00:25.000Z -- wait for the hub\n2026-11-24T22:00:26.000Z    words of ${host}`,
  }
}

function work(host: string, from: number, fails: boolean, next: () => number, events: RecordedEvent[]) {
  const steps: RecordedHostResult['steps'] = []
  events.push({ time: time(from), type: 'host', host, title: 'edge hosts' })
  let at = from + 0.6 + next() * 2
  for (const [step, text, seconds] of fails ? hostSteps.slice(0, 5) : hostSteps) {
    events.push({ time: time(at), type: 'host-step', host, step, text, reason: 'it is part of a conversion' })
    const took = fails && step === 'wait-hub' ? 180 : seconds * (0.6 + next() * 0.9)
    steps.push({ name: text, reason: 'it is part of a conversion', seconds: took })
    at += took
  }
  if (fails) return { at, steps }
  events.push({ time: time(at), type: 'host-confirm', host })
  return { at: at + 2 + next() * 12, steps }
}

function header(names: readonly string[]): RunHeader {
  return {
    format: 1,
    id: '20261124t220000-c0de',
    verb: 'convert',
    release: 'v0.6.1',
    began: time(0),
    server: 'https://192.0.2.1:6443',
    hosts: names.map((name, index) => ({
      name,
      node: index === 0 ? 'kiosk-1.example.com' : name,
      role: 'edge',
      groups: ['edge', `site-${String.fromCharCode(97 + (index % 8))}`],
    })),
    environment: {
      yurtSsh: '0.1.0',
      node: 'v20.20.0',
      system: 'Linux 6.1.0',
      machine: 'bastion',
      user: 'ops',
      folder: '/srv/fleet',
      inventory: 'fleet.yaml',
      command: ['convert', '-i', 'fleet.yaml', '--yes', '--report', 'report.html'],
      pid: 4711,
    },
  }
}

function planOf(names: readonly string[]): Plan {
  const flags = (more: string): string =>
    `KUBELET_KUBEADM_ARGS="--network-plugin=cni --pod-infra-container-image=k8s.gcr.io/pause:3.2${more}"\n`
  return {
    verb: 'convert',
    release: 'v0.6.1',
    notes: ['yurt-controller-manager runs on cloud nodes only'],
    phases: [
      {
        title: 'components',
        kind: 'cluster',
        steps: [
          {
            kind: 'apply',
            object: {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              metadata: { name: 'yurt-hub-cfg', namespace: 'kube-system' },
              data: { cache_agents: '' },
            },
            before: null,
            reason: 'hubs read their settings from it',
          },
        ],
      },
      {
        title: 'edge hosts',
        kind: 'hosts',
        order: 'parallel',
        onFailure: 'go-on',
        work: names.map((host, index) => ({
          host,
          node: host,
          after: [
            {
              kind: 'label',
              node: host,
              key: 'openyurt.io/is-edge-worker',
              value: 'true',
              before: null,
              reason: 'it is one now',
            },
          ],
          forget: false,
          notes: [],
          transaction: {
            kind: 'hub',
            verb: 'convert',
            cleanup: [],
            deadlineSeconds: 900,
            steps: [
              {
                kind: 'pull-image',
                image: 'openyurt/yurthub:v0.6.1',
                tool: 'crictl',
                endpoint: '',
                reason: 'it is missing',
              },
              {
                kind: 'write-file',
                path: '/var/lib/kubelet/kubeadm-flags.env',
                content: flags(' --kubeconfig=/var/lib/openyurt/kubelet.conf --bootstrap-kubeconfig='),
                beforeContent: index % 7 === 0 ? `# site's own\n${flags('')}` : flags(''),
                before: 'x',
                mode: '0644',
                uid: 0,
                gid: 0,
                reason: 'the kubelet talks to the hub from here on',
              },
              {
                kind: 'restart-kubelet',
                through: 'hub',
                server: '',
                timeoutSeconds: 180,
                reason: 'it reads its flags at its start',
              },
            ],
          },
        })),
      },
    ],
  }
}
