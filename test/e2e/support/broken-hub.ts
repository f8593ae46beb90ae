import { inNode } from './nodes.js'
import { output } from './process.js'

export const hubImage = 'docker.io/openyurt/yurthub:v0.6.1'
/** What the broken hub says before it exits. */
export const lastWords = 'the hub of this image is broken on purpose'

const kept = 'docker.io/yurt-ssh-e2e/yurthub:kept'
const broken = 'docker.io/yurt-ssh-e2e/yurthub:broken'

/** Puts an image whose hub only says its last words under the hub's name on a node. */
export async function breakHubImage(node: string): Promise<void> {
  await output('bash', ['-euo', 'pipefail', '-c', script, 'bash', node, broken, lastWords], { seconds: 180 })
  await inNode(
    node,
    `ctr -n k8s.io images tag --force ${hubImage} ${kept} >/dev/null
     ctr -n k8s.io images tag --force ${broken} ${hubImage} >/dev/null`,
  )
}

/** From the busybox of the lab's own archives: nothing is pulled. */
const script = `
docker exec "$1" sh -c 'cat /opt/images/docker.io_library_busybox_1.35-*.tar' | docker load -q >&2
docker build -q --network none -t "$2" - >&2 <<EOS
FROM docker.io/library/busybox:1.35
RUN printf '#!/bin/sh\\necho "%s" >&2\\nexit 1\\n' "$3" >/bin/yurthub && chmod 755 /bin/yurthub
EOS
docker save "$2" | docker exec -i "$1" ctr -n k8s.io images import - >&2
docker image rm "$2" docker.io/library/busybox:1.35 >&2
`

/** Takes it away again; nothing where it is not. */
export async function mendHubImage(node: string): Promise<void> {
  await inNode(
    node,
    `if ctr -n k8s.io images ls -q | grep -qxF ${kept}; then
       ctr -n k8s.io images tag --force ${kept} ${hubImage} >/dev/null
       ctr -n k8s.io images rm ${kept} ${broken} >/dev/null
     fi`,
  )
}
