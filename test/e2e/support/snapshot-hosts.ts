import { allNodes } from './lab.js'
import { inNode } from './nodes.js'
import type { Snapshot } from './snapshot.js'

const paths = [
  '/etc/kubernetes',
  '/etc/systemd',
  '/var/lib/kubelet',
  '/var/lib/openyurt',
  '/var/lib/yurthub',
  '/var/lib/yurttunnel-agent',
  '/var/lib/yurttunnel-server',
  '/var/lib/yurt-ssh',
]

/** What the kubelet itself writes at any time, whoever converts what. */
const kubeletsOwn: Record<string, string> = {
  '/var/lib/kubelet/pods': 'volumes and logs of the pods that run',
  '/var/lib/kubelet/pki': 'the kubelet rotates its certificates',
  '/var/lib/kubelet/plugins': "sockets and mounts of the runtime's plugins",
  '/var/lib/kubelet/plugins_registry': 'sockets of plugins',
  '/var/lib/kubelet/device-plugins': 'a socket and a checkpoint, made again with every start',
  '/var/lib/kubelet/pod-resources': 'a socket, made again with every start',
  '/var/lib/kubelet/cpu_manager_state': 'a checkpoint, written with every start',
}

const script = `
found() {
  find "$@" -printf '%p\\t%y %m %U:%G %l\\t' \\( -type f -exec sha256sum {} \\; -o -printf '\\n' \\) | sed "s#^$R##"
}
for path in ${paths.join(' ')}; do
  [ ! -e "$R$path" ] || found "$R$path" \\( ${Object.keys(kubeletsOwn)
    .map((path) => `-path "$R${path}"`)
    .join(' -o ')} \\) -prune -o
done
for unit in "$R"/run/systemd/system/yurt-ssh*; do
  [ ! -e "$unit" ] || found "$unit"
done
iptables-save 2>/dev/null | grep -E -- '--[ds]port (10261|10268) |TUNNEL-PORT' | sed 's/^/iptables /; s/$/\\tthere/' || :
ls "$R/sys/class/net" | grep yurthub | sed 's/^/link /; s/$/\\tthere/' || :
`

/**
 * Type, mode, owner and sha256 of every file of a host that a conversion could touch, and the network rules of a hub.
 * Keys are "host path".
 */
export async function snapshotHosts(names: readonly string[] = allNodes): Promise<Snapshot> {
  const texts = await Promise.all(names.map((name) => inNode(name, script)))
  return Object.fromEntries(
    texts.flatMap((text, index) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line): [string, string] => {
          const [path = '', ...facts] = line.split('\t')
          return [
            `${names[index]} ${path}`,
            facts
              .join(' ')
              .replace(/ {2}\/.*$/, '')
              .trim(),
          ]
        }),
    ),
  )
}
