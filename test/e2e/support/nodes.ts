import { getNode, readyOf } from './api.js'
import { onEmbeddedHost } from './embedded-host.js'
import { containerOf, embedded } from './lab.js'
import { output } from './process.js'
import { waitFor } from './wait.js'

/**
 * Runs a script as root on a host of the lab; its output. Paths of the host start with $R, which is empty on a machine
 * of its own. In the real lab this goes past SSH.
 */
export async function inNode(node: string, script: string, seconds = 60): Promise<string> {
  if (!embedded)
    return output('docker', ['exec', '-i', containerOf(node), 'sh', '-eu'], {
      input: `R=\n${script}`,
      seconds,
    })
  const { status, stdout, stderr } = await onEmbeddedHost(node, `R=$YURT_SSH_ROOT\n${script}`, seconds)
  if (status !== 0) throw new Error(`${node}: exit ${status}\n${stderr}${stdout}`)
  return stdout
}

const kubeletPid = `$(systemctl show -p MainPID kubelet.service | cut -d = -f 2)`

/** Shell: `controller_managers` prints the /proc/PID/cmdline of each kube-controller-manager that runs. */
export const controllerManagers = `
controller_managers() {
  for file in $(grep -l kube-controller-manager "$R"/proc/[0-9]*/cmdline 2>/dev/null); do
    program=$(tr '\\0' '\\n' < "$file" 2>/dev/null | head -n 1)
    [ "\${program##*/}" != kube-controller-manager ] || echo "$file"
  done
}`

/** The running kubelet's arguments, as the kernel has them. */
export async function kubeletArguments(node: string): Promise<string[]> {
  const text = await inNode(node, `tr '\\0' '\\n' < "$R/proc/${kubeletPid}/cmdline"`)
  return text.trimEnd().split('\n')
}

/** The value of a flag's last occurrence, as the kubelet takes it. */
export function lastFlag(args: readonly string[], name: string): string | undefined {
  return args.findLast((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3)
}

/** When the running kubelet was started, on the clock that all hosts of the lab share; whole seconds. */
export async function kubeletStarted(node: string): Promise<Date> {
  const text = await inNode(node, 'systemctl show -p ExecMainStartTimestamp kubelet.service')
  // systemd's form: Tue 2026-11-24 23:19:10 UTC
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/.exec(text) ?? []
  if (day === undefined) throw new Error(`${node}: no start time in ${text}`)
  return new Date(`${day}T${time}Z`)
}

/** The peers that the running kubelet holds connections to, as address:port. */
export async function kubeletPeers(node: string): Promise<string[]> {
  const text = await inNode(
    node,
    `pid=${kubeletPid}
     ls -l "$R/proc/$pid/fd" | sed -n 's/.*socket:\\[\\([0-9]*\\)\\]$/fd \\1/p'
     cat "$R/proc/$pid/net/tcp" "$R/proc/$pid/net/tcp6" 2>/dev/null || :`,
  )
  const lines = text.split('\n').map((line) => line.trim())
  const own = new Set(lines.filter((line) => line.startsWith('fd ')).map((line) => line.slice(3)))
  return lines.flatMap((line) => {
    const fields = line.split(/\s+/)
    const [, , remote = '', state] = fields
    return state === '01' && own.has(fields[9] ?? '') ? [peerText(remote)] : []
  })
}

/** /proc/net/tcp writes an IPv4 address as one hexadecimal number in the machine's byte order, here little-endian. */
function peerText(hexadecimal: string): string {
  const [address = '', port = ''] = hexadecimal.split(':')
  const bytes = address.slice(-8).match(/../g) ?? []
  return `${bytes
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')}:${Number.parseInt(port, 16)}`
}

export function stopKubelet(node: string): Promise<string> {
  return inNode(node, 'systemctl stop kubelet.service')
}

/** Starts the kubelet and waits until the node is Ready and rid of the taints of its silence. */
export async function startKubelet(node: string): Promise<void> {
  await inNode(node, 'systemctl start kubelet.service')
  await waitReady(node)
}

/** Until the node is Ready and has no taint but its role's. */
export async function waitReady(node: string): Promise<void> {
  await waitFor(`${node} Ready and without taints`, 180, async () => {
    const found = await getNode(node)
    const { status } = readyOf(found)
    const taints = (found.spec.taints ?? [])
      .filter(({ key }) => !key.startsWith('node-role.'))
      .map(({ key }) => key)
    return status === 'True' && taints.length === 0
      ? { done: true }
      : { waiting: `Ready ${status}, taints ${taints.join(', ') || 'none'}` }
  })
}

/** The hub's answer on its own port. */
export function hubMetrics(node: string): Promise<string> {
  return inNode(node, "curl -s --noproxy '*' -m 10 http://127.0.0.1:10267/metrics")
}

/** The sum of a metric's samples whose labels hold all of `labels`, each given as name="value". */
export function metricSum(metrics: string, name: string, ...labels: string[]): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
