import { embeddedFault } from './embedded-lab.js'
import { embedded } from './lab.js'
import { inNode } from './nodes.js'
import { output } from './process.js'

export const hubImage = 'docker.io/openyurt/yurthub:v0.6.1'
const brokenWords = 'the hub of this image is broken on purpose'
/** What the broken hub says last: in the embedded lab it waits for its certificate. */
export const lastWords = embedded ? 'certificate request is waiting to be signed' : brokenWords

const kept = 'docker.io/yurt-ssh-e2e/yurthub:kept'
const broken = 'docker.io/yurt-ssh-e2e/yurthub:broken'

/**
 * From now on no hub becomes healthy on this node. In the real lab an image whose hub only says its last words gets the
 * hub's name.
 */
export async function breakHub(node: string): Promise<void> {
  if (embedded) return embeddedFault(node, 'hub-never-healthy')
  await output('bash', ['-euo', 'pipefail', '-c', script, 'bash', node, broken, brokenWords], {
    seconds: 180,
  })
  await inNode(
    node,
    `ctr -n k8s.io images tag --force ${hubImage} ${kept} >/dev/null
     ctr -n k8s.io images tag --force ${broken} ${hubImage} >/dev/null`,
  )
}

/** From now on the hub's image is not on this node, and no registry has it; only in the real lab. */
export function hideHubImage(node: string): Promise<string> {
  return inNode(
    node,
    `ctr -n k8s.io images tag --force ${hubImage} ${kept} >/dev/null
     ctr -n k8s.io images rm ${hubImage} >/dev/null`,
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
export async function mendHub(node: string): Promise<void> {
  if (embedded) return embeddedFault(node, 'hub-never-healthy', '--clear')
  await inNode(
    node,
    `if ctr -n k8s.io images ls -q | grep -qxF ${kept}; then
       ctr -n k8s.io images tag --force ${kept} ${hubImage} >/dev/null
       ctr -n k8s.io images ls -q | grep -xF -e ${kept} -e ${broken} | xargs ctr -n k8s.io images rm >/dev/null
     fi`,
  )
}
