import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderBootstrapConfig, renderHubManifest } from '../src/node/hub.js'
import { renderOurKubeconfig } from '../src/node/kubeconfig.js'
import { findRelease, qualifiedImage } from '../src/releases/release.js'
import { readRun } from '../src/report/record-reader.js'
import { runIds } from '../src/report/runs.js'
import { timeline } from '../src/report/timeline.js'
import type { FleetCluster } from './fleet-cluster.js'
import { timed } from './measure.js'
import type { RealHosts } from './real-hosts.js'

export type Job = 'convert' | 'second convert' | 'revert'
export const jobs: readonly Job[] = ['convert', 'second convert', 'revert']

/** Does a job on the whole fleet; returns its wall time in seconds. @throws Error with its output when it fails */
export interface Contender {
  name: string
  run(job: Job): Promise<number>
}

const cli = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))

/** Where yurt-ssh keeps the records of its runs. */
const runsOf = (inventory: string): string => join(dirname(inventory), 'runs')

/** yurt-ssh as an operator runs it, its checks, API and proofs included. */
export function yurtSsh({ inventory }: FleetCluster, forks: number): Contender {
  return {
    name: 'yurt-ssh',
    run: (job) => {
      const command = job === 'revert' ? 'revert' : 'convert'
      const args = [command, '-i', inventory, '--yes', '--forks', String(forks)]
      return succeed(process.execPath, [cli, ...args, '--run-dir', runsOf(inventory)])
    },
  }
}

/** Seconds of each run so far of the verb, the newest first, that went into phases of the cluster alone. */
export function clusterSeconds({ inventory }: FleetCluster, verb: 'convert' | 'revert'): number[] {
  const runs = runsOf(inventory)
  const records = runIds(runs).map((id) => readRun(runs, id))
  return records
    .filter(({ header }) => header.verb === verb)
    .map(({ header, events }) =>
      timeline(events, header.began)
        .phases.filter(({ hosts }) => hosts === 0)
        .reduce((sum, { from, to }) => sum + to - from, 0),
    )
}

/** ansible-core with a playbook of the same edits and waits on hosts; it does nothing with the API. */
export function ansible({ folder, hosts, port }: RealHosts, forks: number): Contender {
  const playbooks = fileURLToPath(new URL('./playbook/', import.meta.url))
  const files = join(folder, 'files')
  const release = findRelease('v0.6.1')
  const image = qualifiedImage(release.images.yurthub)
  const server = 'https://192.0.2.1:6443'
  mkdirSync(files)
  const ca = hosts[0]?.machine.read('/etc/kubernetes/pki/ca.crt') ?? ''
  const hub = renderHubManifest({ image, mode: 'edge', serverAddr: server, hubArgs: [] }, release.hub)
  writeFileSync(join(files, 'yurt-hub.yaml'), hub)
  writeFileSync(join(files, 'bootstrap-hub.conf'), renderBootstrapConfig(server, ca))
  writeFileSync(join(files, 'kubelet.conf'), renderOurKubeconfig(release.hub))
  const config = join(folder, 'ansible.cfg')
  writeFileSync(config, ansibleConfig(folder, forks))
  const inventory = join(folder, 'ansible.ini')
  const env = { ...process.env, ANSIBLE_CONFIG: config, ANSIBLE_NOCOLOR: '1' }
  const variables = ['-e', `image=${image}`, '-e', `files=${files}`]
  return {
    name: 'ansible-core',
    run(job) {
      const line = ({ name, address, machine }: (typeof hosts)[number]) =>
        `${name} ansible_host=${address} ansible_port=${port} root=${machine.root}`
      const group = (edge: boolean) => hosts.filter(({ role }) => (role === 'edge') === edge).map(line)
      writeFileSync(inventory, ['[control_plane]', ...group(false), '[edge]', ...group(true), ''].join('\n'))
      const playbook = join(playbooks, job === 'revert' ? 'revert.yaml' : 'convert.yaml')
      return succeed('ansible-playbook', ['-i', inventory, ...variables, playbook], env)
    },
  }
}

function ansibleConfig(folder: string, forks: number): string {
  return `[defaults]
forks = ${forks}
remote_user = root
private_key_file = ${folder}/id
interpreter_python = /usr/bin/python3
remote_tmp = ${folder}/ansible-remote
local_tmp = ${folder}/ansible-local
retry_files_enabled = False
[ssh_connection]
pipelining = True
ssh_args = -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${folder}/known_hosts -o IdentitiesOnly=yes
control_path_dir = ${folder}/cp
`
}

/** The floor: an `ssh` per host, all at once, that gets on its stdin exactly what our run wrote to the host's shell. */
export function fanOut({ folder, hosts, port }: RealHosts, forks: number): Contender {
  const options = `-F none -i ${folder}/id -p ${port} -o IdentitiesOnly=yes -o UserKnownHostsFile=${folder}/known_hosts -o BatchMode=yes`
  return {
    name: 'ssh fan-out',
    run(job) {
      const list = join(folder, 'fan-out')
      writeFileSync(list, hosts.map(({ name, address }) => `${name} ${address}\n`).join(''))
      const one = `ssh ${options} root@"$2" sh -s < ${folder}/"$1"/'${job}' > /dev/null`
      const script = `xargs -P ${forks} -n 2 sh -c '${one.replaceAll("'", `'\\''`)}' sh < ${list}`
      return succeed('sh', ['-c', script])
    },
  }
}

/** Runs yurt-ssh once and keeps what it sends, job by job, for the floor to send again. */
export async function captureScripts(real: RealHosts, contender: Contender): Promise<void> {
  for (const job of jobs) {
    real.capture(true)
    await contender.run(job)
    for (const { name } of real.hosts) {
      const sent = join(real.folder, name, 'sent')
      copyFileSync(sent, join(real.folder, name, job))
    }
    real.capture(false)
  }
}

async function succeed(program: string, args: readonly string[], env = process.env): Promise<number> {
  const { seconds, exitCode, output } = await timed(program, args, env)
  if (exitCode !== 0)
    throw new Error(
      `${program} ${args.slice(0, 3).join(' ')} ended with ${exitCode}:\n${output.slice(-4000)}`,
    )
  return seconds
}
