import { getNode, readyOf } from './kubectl.js'
import { output } from './process.js'
import { waitFor } from './wait.js'

/** Runs a script as root inside a machine of the lab, past SSH; its output. */
export function inNode(node: string, script: string, seconds = 60): Promise<string> {
  return output('docker', ['exec', '-i', node, 'sh', '-eu'], { input: script, seconds })
}

/** The running kubelet's arguments, as the kernel has them. */
export async function kubeletArguments(node: string): Promise<string[]> {
  const text = await inNode(
    node,
    `cat /proc/$(systemctl show -p MainPID --value kubelet)/cmdline | tr '\\0' '\\n'`,
  )
  return text.trimEnd().split('\n')
}

/** The value of a flag's last occurrence, as the kubelet takes it. */
export function lastFlag(args: readonly string[], name: string): string | undefined {
  return args.findLast((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3)
}

/** When the running kubelet was started, on the clock that all machines of the lab share. */
export async function kubeletStarted(node: string): Promise<Date> {
  const text = await inNode(
    node,
    'date -u +%s -d "$(systemctl show -p ExecMainStartTimestamp --value kubelet)"',
  )
  return new Date(Number(text) * 1000)
}

/** The peers that the running kubelet holds connections to, as address:port. */
export async function kubeletPeers(node: string): Promise<string[]> {
  const text = await inNode(
    node,
    'pid=$(systemctl show -p MainPID --value kubelet); ss -Htnp state established | grep "pid=$pid," | while read -r _ _ _ peer _; do echo "$peer"; done',
  )
  return text.split('\n').filter((line) => line !== '')
}

export function stopKubelet(node: string): Promise<string> {
  return inNode(node, 'systemctl stop kubelet')
}

/** Starts the kubelet and waits until the node is Ready and rid of the taints of its silence. */
export async function startKubelet(node: string): Promise<void> {
  await inNode(node, 'systemctl start kubelet')
  await waitFor(`${node} Ready again and without taints`, 180, async () => {
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
