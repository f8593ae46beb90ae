import type { GroupInput, HostInput, HubInput, InventoryInput } from './schema.js'
import { nestSsh, type SshLayer, type Surroundings } from './settings.js'
import type { Path } from './source.js'
import type { Role } from './types.js'

/** What holds at one level of an inventory, everything around it taken into account. */
interface Level {
  path: Path
  /** Names of the groups around, outermost first. */
  groups: string[]
  role?: Role
  ssh: SshLayer
  hub: HubInput
}

/** One key under `hosts`: a host, or a range of them. */
export interface Entry extends Level {
  key: string
  input: HostInput
}

/** Every key under `hosts`, at whatever depth, with the settings of the nearest level that has them. */
export function entriesOf(tree: InventoryInput, surroundings: Surroundings): Entry[] {
  const { hubArgs, serverAddr } = tree.openyurt ?? {}
  const top: Level = {
    path: [],
    groups: [],
    ssh: nestSsh({ set: {}, from: {} }, tree.ssh, { level: 'inventory', surroundings }),
    hub: { ...(hubArgs && { hubArgs }), ...(serverAddr && { serverAddr }) },
  }
  return entriesBelow(tree, top, surroundings)
}

function entriesBelow(
  { hosts = {}, groups = {} }: Pick<GroupInput, 'hosts' | 'groups'>,
  level: Level,
  surroundings: Surroundings,
): Entry[] {
  const own = Object.entries(hosts).map(([key, value]) => {
    const input = value ?? {}
    return { ...enter(level, input, ['hosts', key], surroundings), key, input }
  })
  const inner = Object.entries(groups).flatMap(([name, group]) => {
    const inside = enter(level, group, ['groups', name], surroundings)
    return entriesBelow(group, { ...inside, groups: [...level.groups, name] }, surroundings)
  })
  return [...own, ...inner]
}

function enter(outer: Level, own: GroupInput | HostInput, steps: Path, surroundings: Surroundings): Level {
  const role = own.role ?? outer.role
  const [kind, name] = [steps[0] === 'groups' ? 'group' : 'host', String(steps[1])]
  return {
    path: [...outer.path, ...steps],
    groups: outer.groups,
    ...(role && { role }),
    ssh: nestSsh(outer.ssh, own.ssh, { level: `inventory, ${kind} ${name}`, surroundings }),
    hub: { ...outer.hub, ...own.openyurt },
  }
}
