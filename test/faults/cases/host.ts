import { breakHub, hideHubImage, lastWords, mendHub } from '../../e2e/support/broken-hub.js'
import { inNode, startKubelet } from '../../e2e/support/nodes.js'
import { output } from '../../e2e/support/process.js'
import { sleep, waitFor } from '../../e2e/support/wait.js'
import { steps } from '../support/steps.js'
import type { HostFault } from '../support/types.js'

const flags = '/var/lib/kubelet/kubeadm-flags.env'
const of = (text: string) => (node: string) => new RegExp(`${node}: ${text}`)

const powerCuts = Object.entries(steps).map(
  ([step, pattern]): HostFault => ({
    kind: 'host',
    name: `power cut at ${step}`,
    minutes: 4,
    act: { at: of(pattern.source), does: cutPower },
    outcome: 'either',
  }),
)

async function cutPower(node: string): Promise<void> {
  await output('docker', ['kill', node])
  await output('docker', ['start', node])
  await waitFor(`${node} booted`, 120, async () => {
    await inNode(node, 'systemctl is-active kubelet containerd ssh')
    return { done: true }
  })
  await startKubelet(node)
}

/** A unit file under /run of the kubelet's, which no reboot and no snapshot keeps. */
const kubeletDropIn = '/run/systemd/system/kubelet.service.d'

export const hostFaults: HostFault[] = [
  ...powerCuts,
  {
    kind: 'host',
    name: 'no room for the undo at the start',
    minutes: 1,
    arm: (node) =>
      inNode(node, 'mkdir -p /var/lib/yurt-ssh; mount -t tmpfs -o size=200k,mode=700 none /var/lib/yurt-ssh'),
    disarm: (node) => inNode(node, 'umount /var/lib/yurt-ssh; rmdir /var/lib/yurt-ssh'),
    outcome: 'as it was',
    says: /the undo cannot be written|could not be started|No space left/,
  },
  {
    kind: 'host',
    name: 'the journal’s disk full in the middle',
    minutes: 2,
    arm: (node) =>
      inNode(node, 'mkdir -p /var/lib/yurt-ssh; mount -t tmpfs -o size=2m,mode=700 none /var/lib/yurt-ssh'),
    act: {
      at: of('wait for the hub'),
      does: (node) => inNode(node, 'cat /dev/zero >/var/lib/yurt-ssh/filler 2>/dev/null || :'),
    },
    disarm: (node) => inNode(node, 'umount /var/lib/yurt-ssh; rmdir /var/lib/yurt-ssh'),
    outcome: 'as it was',
    says: /the journal cannot be written|disk may be full|make_directory failed/,
  },
  {
    kind: 'host',
    name: 'a read-only /etc',
    minutes: 1,
    arm: (node) => inNode(node, 'mount --bind /etc /etc && mount -o remount,bind,ro /etc'),
    disarm: (node) => inNode(node, 'umount /etc'),
    outcome: 'as it was',
    says: /the unit that would undo this at the next boot cannot be installed/,
  },
  {
    kind: 'host',
    name: 'an immutable flags file',
    minutes: 2,
    arm: (node) => inNode(node, `chattr +i ${flags}`),
    disarm: (node) => inNode(node, `chattr -i ${flags}`),
    outcome: 'as it was',
    says: /kubeadm-flags\.env cannot be replaced.*immutable/,
  },
  {
    kind: 'host',
    name: 'a kubelet that does not start with our flags',
    minutes: 5,
    arm: (node) =>
      inNode(
        node,
        `mkdir -p ${kubeletDropIn}
         printf '[Service]\\nExecStartPre=/bin/sh -c "! grep -q openyurt ${flags}"\\n' >${kubeletDropIn}/99-fault.conf
         systemctl daemon-reload`,
      ),
    disarm: (node) =>
      inNode(node, `rm -r ${kubeletDropIn}; systemctl daemon-reload; systemctl reset-failed kubelet || :`),
    outcome: 'as it was',
    says: /the kubelet is not running|systemctl start kubelet failed/,
  },
  {
    kind: 'host',
    name: 'the hub’s image gone after the checks',
    minutes: 5,
    // a host makes its hub within a second of its first step
    act: { at: () => /\] OpenYurt components/, does: hideHubImage },
    disarm: mendHub,
    outcome: 'as it was',
    says: /did not become healthy|ImagePull|image/,
  },
  {
    kind: 'host',
    name: 'a hub that crash-loops',
    minutes: 5,
    arm: breakHub,
    disarm: mendHub,
    outcome: 'as it was',
    says: new RegExp(`did not become healthy|${lastWords}`),
  },
  {
    kind: 'host',
    name: 'a hub that was healthy and then is dead',
    minutes: 5,
    act: {
      at: of('restart the kubelet'),
      does: (node) =>
        inNode(node, 'iptables -I OUTPUT -o lo -p tcp --dport 10261 -j REJECT --reject-with tcp-reset'),
    },
    disarm: (node) =>
      inNode(node, 'iptables -D OUTPUT -o lo -p tcp --dport 10261 -j REJECT --reject-with tcp-reset || :'),
    outcome: 'as it was',
    says: /holds no connection to 127\.0\.0\.1:10261|Node could not be read|last heartbeat|Node is not Ready/,
  },
  {
    kind: 'host',
    name: 'the API server away for 60 s in the middle',
    minutes: 3,
    act: {
      at: of('restart the kubelet'),
      async does(node) {
        const block = '-p tcp --dport 6443 -j DROP'
        await inNode(node, `iptables -I OUTPUT ${block}`)
        await sleep(60)
        await inNode(node, `iptables -D OUTPUT ${block}`)
      },
    },
    outcome: 'either',
  },
]
