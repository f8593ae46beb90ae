import { entriesOf } from './levels.js'
import { byPlace, type Problem } from './problems.js'
import { maxHosts } from './ranges.js'
import { rowsOf } from './rows.js'
import type { InventoryInput } from './schema.js'
import type { Surroundings } from './settings.js'
import type { Source } from './source.js'
import { sshResolver } from './ssh-resolve.js'
import type { Host } from './types.js'

/** The hosts of a tree in the order of the files, ranges expanded, every setting from the nearest level that has it. */
export function resolveHosts(
  tree: InventoryInput,
  source: Source,
  surroundings: Surroundings,
): { hosts: Host[]; problems: Problem[] } {
  const hosts: Host[] = []
  const problems: Problem[] = []
  const resolveSsh = sshResolver(surroundings)
  for (const entry of entriesOf(tree, surroundings)) {
    const { path, input, role, groups, ssh, hub } = entry
    const position = source.keyAt(path)
    const { rows, problems: found } = rowsOf(entry, source)
    problems.push(...found)
    if (role === undefined) {
      problems.push({
        position,
        message: `${entry.key} has no role: set cloud or edge, here or on a group around it`,
      })
      continue
    }
    if (hosts.length + rows.length > maxHosts) {
      problems.push({ position, message: `with ${entry.key} there are more than ${maxHosts} hosts` })
      break
    }
    for (const { name, node, address } of rows) {
      const { settings, origins } = resolveSsh(ssh, address)
      hosts.push({
        name,
        node,
        role,
        groups,
        hub: input.hub ?? false,
        ...(hub.serverAddr && { serverAddr: hub.serverAddr }),
        hubArgs: hub.hubArgs ?? [],
        ssh: settings,
        sshOrigins: origins,
        position,
      })
    }
  }
  return { hosts: byPlace(hosts, source.files), problems }
}
