import { execFileSync } from 'node:child_process'
import { replayAddress, replayFleet } from '../src/lab/replay/fleet.js'
import {
  ansible,
  type Contender,
  captureScripts,
  clusterSeconds,
  fanOut,
  type Job,
  jobs,
  yurtSsh,
} from './contenders.js'
import { startFleetCluster } from './fleet-cluster.js'
import { median } from './measure.js'
import type { Part, PartOptions, Row } from './part.js'
import { missingForFleet, type RealHosts, startRealHosts } from './real-hosts.js'

/** yurt-ssh, ansible-core and a bare fan-out of the same scripts, on the same real sshds; rounds alternate. */
export const fleet: Part = async (options) => {
  const skipped = missingForFleet()
  if (skipped !== undefined) return { part: 'fleet', skipped }
  const { hosts, repeat, forks } = options
  const rows: Row[] = []
  const phases: string[] = []
  for (const count of hosts) {
    const measured = await measure(count, options)
    rows.push(...measured.rows)
    phases.push(`${count} hosts ${measured.phases}`)
  }
  return {
    part: 'fleet',
    title: `${hosts.join(' and ')} real sshds, forks ${forks}: wall time`,
    columns: ['hosts', 'seconds', 'times yurt-ssh'],
    rows,
    notes: [
      `medians of ${repeat} alternating rounds, every round from new hosts`,
      'yurt-ssh also checks, talks to the API and waits for it; the other two only do the work on hosts',
      `what phases of the cluster alone take of it: ${phases.join('; ')}`,
      versions(),
      "hosts are folders with a real shell behind Debian's sshd; their programs are stand-ins, ten times as fast",
    ],
  }
}

async function measure(
  count: number,
  { repeat, forks, tell }: PartOptions,
): Promise<{ rows: Row[]; phases: string }> {
  // a control-plane host, then edge hosts only: each contender has the same two kinds of work
  const members = replayFleet(count + 1)
    .filter(({ role }) => role !== 'cloud')
    .map((member, index) => ({ ...member, address: replayAddress(index, 3) }))
  const real = await startRealHosts(members)
  const cluster = await startFleetCluster(real)
  try {
    const own = yurtSsh(cluster, forks)
    tell(`${count} hosts: what our run sends`)
    await captureScripts(real, own)
    const contenders = [own, ansible(real, forks), fanOut(real, forks)]
    const seconds = new Map(contenders.map((contender) => [contender, new Map<Job, number[]>()]))
    for (let round = 1; round <= repeat; round++) {
      for (const contender of contenders) {
        real.renew()
        for (const job of jobs) {
          tell(`${count} hosts, round ${round} of ${repeat}, ${contender.name}: ${job}`)
          const times = seconds.get(contender)
          times?.set(job, [...(times.get(job) ?? []), await contender.run(job)])
          requireDone(real, job, contender)
        }
      }
    }
    const clusterPart = (verb: 'convert' | 'revert') =>
      `${median(clusterSeconds(cluster, verb).slice(0, repeat)).toFixed(2)} s of the ${verb}`
    const timeOf = (contender: Contender, job: Job) => median(seconds.get(contender)?.get(job) ?? [])
    return {
      rows: contenders.flatMap((contender) =>
        jobs.map((job) => ({
          what: `${contender.name}: ${job}`,
          values: {
            hosts: count,
            seconds: timeOf(contender, job),
            'times yurt-ssh': timeOf(contender, job) / timeOf(own, job),
          },
        })),
      ),
      phases: `${clusterPart('convert')}, ${clusterPart('revert')}`,
    }
  } finally {
    await cluster.close()
    await real.stop()
  }
}

/** Of what the other two contenders and the hosts are. */
function versions(): string {
  const packages = ['ansible-core', 'openssh-server', 'openssh-client']
  const lines = execFileSync('dpkg-query', ['-W', ...packages], { encoding: 'utf8' })
  return lines.trim().replaceAll('\t', ' ').replaceAll('\n', ', ')
}

/** @throws Error when a contender has not done what it was timed for */
function requireDone({ hosts }: RealHosts, job: Job, { name }: Contender): void {
  const wanted = job !== 'revert'
  for (const { machine, ...host } of hosts) {
    const edge = host.role === 'edge'
    const done = edge
      ? machine.exists('/etc/kubernetes/manifests/yurt-hub.yaml') === wanted &&
        machine.read('/var/lib/kubelet/kubeadm-flags.env').includes('/var/lib/openyurt/') === wanted
      : machine.read('/etc/kubernetes/manifests/kube-controller-manager.yaml').includes('-nodelifecycle') ===
        wanted
    if (!done) throw new Error(`${name} says that it is done, but ${host.name} is not as after a ${job}`)
  }
}
