import { inNode } from '../../e2e/support/nodes.js'
import { waitFor } from '../../e2e/support/wait.js'

/** Waits until no transaction runs on a host any more, whatever it came to and whoever has tidied up since. */
export function waitQuiet(node: string, seconds: number): Promise<boolean> {
  return waitFor(`${node} done by itself`, seconds, async () => {
    const state = (await inNode(node, 'systemctl is-active yurt-ssh.service || :')).trim()
    const runs = ['active', 'activating', 'deactivating', 'reloading'].includes(state)
    return runs ? { waiting: `its unit is ${state}` } : { done: true }
  })
}
