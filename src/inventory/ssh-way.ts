import type { BastionText } from './address.js'
import type { BastionLayer, GivenHop, SshLayer } from './settings.js'
import type { ConfigAnswers } from './ssh-config-answers.js'
import type { ConfigLine } from './ssh-config-lines.js'
import { commandOf, configError, jumpsOf } from './ssh-config-values.js'
import type { TokenValues } from './ssh-tokens.js'

/** More hops than that are a circle: a ProxyJump that holds for the jump host too. */
export const maxHops = 8

/** How to reach a host that is not reached directly. */
export interface Way {
  bastion?: BastionLayer
  command?: string
  from?: string
  line?: ConfigLine
}

/** The inventory's bastion, else ProxyJump or ProxyCommand, whichever stands first. */
export function wayThere(layer: SshLayer, { first }: ConfigAnswers, values: TokenValues): Way {
  const { bastion: given, set, from } = layer
  if (given) return { bastion: given, from: from.bastion ?? 'inventory' }
  if (set.proxyCommand) {
    const place = from.proxyCommand ?? 'inventory'
    const line = { keyword: 'proxycommand', words: [], raw: set.proxyCommand, place }
    const command = commandOf(line, values)
    return command === undefined ? {} : { command, from: place }
  }
  if (given === null || set.proxyCommand === null) return {}
  const line = first.get('proxyjump')
  const proxy = first.get('proxycommand')
  if (proxy !== undefined) {
    const command = commandOf(proxy, values)
    if (command !== undefined && line !== undefined) disputed(proxy, line)
    return command === undefined ? {} : { command, from: proxy.place }
  }
  if (line === undefined) return {}
  const jumps = jumpsOf(line)
  const bastion = jumps && bastionLayer(jumps, line, layer.set)
  return bastion === undefined ? {} : { bastion, from: line.place, line }
}

/** Up to OpenSSH 10.2 `ProxyJump none` shuts out the commands after it; 10.3 and what distributions took from it do not. */
function disputed(proxy: ConfigLine, jump: ConfigLine): never {
  throw configError(
    proxy,
    `ProxyCommand stands after \`ProxyJump none\` (${jump.place}): OpenSSH before 10.3 connects directly, later ones by the command`,
    'write `ProxyCommand none` in place of `ProxyJump none`, or set `ssh: { bastion: none }` in the inventory',
  )
}

/** The hops of a ProxyJump: nothing of the host's own settings holds for them, as with `ssh -J`. */
function bastionLayer(
  jumps: BastionText[],
  line: ConfigLine,
  { config }: GivenHop,
): BastionLayer | undefined {
  const last = jumps.at(-1)
  if (last === undefined) return undefined
  const { address, ...set } = last
  const before = bastionLayer(jumps.slice(0, -1), line, config === undefined ? {} : { config })
  return {
    address,
    set: { ...set, ...(config !== undefined && { config }) },
    from: { address: line.place, user: line.place, port: line.place },
    ...(before && { bastion: before }),
  }
}

export function tooManyHops(line: ConfigLine | undefined, alias: string): never {
  const what = `there are more than ${maxHops} bastions in a row on the way to ${alias}`
  throw configError(
    line ?? { keyword: '', words: [], raw: '', place: 'the inventory' },
    what,
    'does a ProxyJump hold for the jump host itself? except it: `Host * !jump`',
  )
}
