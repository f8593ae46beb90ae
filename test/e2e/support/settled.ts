import { inNode } from './nodes.js'
import { waitFor } from './wait.js'

/** Waits until no transaction runs on a host any more; the result of the latest: committed, undone, unfinished. */
export function waitSettled(node: string, seconds: number): Promise<string> {
  return waitFor(`${node} done by itself`, seconds, async () => {
    const text = await inNode(
      node,
      `systemctl is-active yurt-ssh.service || :
       latest=$(ls -td "$R"/var/lib/yurt-ssh/runs/*/ | head -n 1)
       cat "$latest/result" 2>/dev/null || echo open`,
    )
    const [unit = '', result = ''] = text.split('\n')
    return unit === 'inactive' && result !== 'open'
      ? { done: result }
      : { waiting: `its unit is ${unit}, its result ${result}` }
  })
}
