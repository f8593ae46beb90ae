import { inNode } from '../support/nodes.js'

export const pool = 'e2e-shop'
export const image = 'docker.io/openyurt/yurthub:v1.7.0'

/** The hub's program out of its image, as a converter would take it. */
export function installHub(node: string): Promise<string> {
  return inNode(
    node,
    `images=$(mktemp -d)
     ctr -n k8s.io images mount ${image} "$images" >/dev/null
     cp "$images/usr/local/bin/yurthub" /usr/local/bin/yurthub
     ctr -n k8s.io images unmount --rm "$images" >/dev/null && rmdir "$images"`,
  )
}

/** Flags of a hub of that node, with the multiplexer's open port on loopback. */
export function hubFlags(node: string, server: string): string[] {
  return [
    `--node-name=${node}`,
    `--nodepool-name=${pool}`,
    `--server-addr=${server}`,
    '--bootstrap-mode=kubeletcertificate',
    '--working-mode=edge',
    '--node-ip=127.0.0.1',
  ]
}

/** The hub as a service; resolves once systemd has started it. */
export function startHub(node: string, server: string): Promise<string> {
  return inNode(
    node,
    `cat >/etc/systemd/system/yurthub.service <<'EOS'
[Unit]
Before=kubelet.service
StartLimitIntervalSec=0
[Service]
ExecStart=/usr/local/bin/yurthub ${hubFlags(node, server).join(' ')}
Restart=always
RestartSec=5
[Install]
WantedBy=multi-user.target
EOS
     systemctl daemon-reload
     systemctl restart yurthub.service`,
  )
}

const flags = '/var/lib/kubelet/kubeadm-flags.env'

/** Sends the kubelet through the hub, in the words that the in-cluster revert would find again. */
export function redirect(node: string): Promise<string> {
  return inNode(
    node,
    `mkdir -p /var/lib/openyurt
     cat >/var/lib/openyurt/kubelet.conf <<'EOS'
apiVersion: v1
kind: Config
current-context: default
contexts: [{ name: default, context: { cluster: default, user: default } }]
clusters: [{ name: default, cluster: { server: "http://127.0.0.1:10261" } }]
users: [{ name: default, user: {} }]
EOS
     cp -p ${flags} /root/kubeadm-flags.env
     sed -i 's#"$# --kubeconfig=/var/lib/openyurt/kubelet.conf --bootstrap-kubeconfig= "#' ${flags}
     systemctl restart kubelet.service`,
  )
}

/** Everything of the above away again, whatever of it is there. */
export function removeHub(node: string): Promise<string> {
  return inNode(
    node,
    `[ ! -e /root/kubeadm-flags.env ] || { mv /root/kubeadm-flags.env ${flags}; systemctl restart kubelet.service; }
     [ ! -e /etc/systemd/system/yurthub.service ] || systemctl stop yurthub.service
     rm -f /etc/systemd/system/yurthub.service /usr/local/bin/yurthub
     systemctl daemon-reload
     rm -rf /var/lib/openyurt /var/lib/yurthub /etc/kubernetes/cache`,
  )
}

/** The status of a request to a port of the hub, 000 where nobody answers. */
export async function hubStatus(node: string, url: string, agent = 'curl'): Promise<string> {
  const options = `-s --noproxy '*' -m 5 -A '${agent}' -o /dev/null -w '%{http_code}'`
  return (await inNode(node, `curl ${options} http://127.0.0.1:${url} || :`)).trim()
}

/** A merge patch of the node's own Node, as the node: what the webhook lets change is-edge-worker. */
export function patchAsNode(node: string, patch: object): Promise<string> {
  return inNode(
    node,
    `pem=/var/lib/kubelet/pki/kubelet-client-current.pem
     server=$(sed -n 's/^ *server: //p' /etc/kubernetes/kubelet.conf)
     curl -sS --fail-with-body -m 10 -o /tmp/answer --cacert /etc/kubernetes/pki/ca.crt --cert $pem --key $pem -X PATCH \\
       -H 'Content-Type: application/merge-patch+json' -d '${JSON.stringify(patch)}' "$server/api/v1/nodes/${node}" ||
       { cat /tmp/answer >&2; exit 1; }`,
  )
}

/** No packet leaves the node for the API, until it is mended. */
export function cutLink(node: string, server: string): Promise<string> {
  return inNode(node, `iptables -w -I OUTPUT -d ${new URL(server).hostname} -j DROP`)
}

export function mendLink(node: string, server: string): Promise<string> {
  return inNode(node, `iptables -w -D OUTPUT -d ${new URL(server).hostname} -j DROP || :`)
}
