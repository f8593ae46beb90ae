import { isIPv6 } from 'node:net'
import { YurtSshError } from '../../errors.js'
import type { Problem } from '../problems.js'
import { expandRanges } from '../ranges.js'
import type { Position } from '../types.js'
import type { Statement } from './statements.js'

/** A host, or a range of them, with an optional `:port`, as members of a group; `ansible_port` is what the port becomes. */
export function hostStatements(
  pattern: string,
  group: string,
  position: Position,
): { hosts: string[]; statements: Statement[]; problems: Problem[] } {
  const { name, port } = splitPort(pattern)
  try {
    // a copied object would lose it
    if (name === '__proto__') throw new YurtSshError('INVENTORY_INVALID', `${name} is no usable name`)
    if (isIPv6(name) && pattern.startsWith('['))
      throw new YurtSshError(
        'INVENTORY_INVALID',
        `a host needs a name, and ${name} is an address: NAME ansible_host=${name}${port === undefined ? '' : ` ansible_port=${port}`}`,
      )
    const hosts = expandRanges(name)
    const statements = hosts.flatMap((host): Statement[] => [
      { kind: 'host', group, host, position },
      ...(port === undefined ? [] : [portStatement(host, port, position)]),
    ])
    return { hosts, statements, problems: [] }
  } catch (error) {
    if (!(error instanceof YurtSshError)) throw error
    return { hosts: [], statements: [], problems: [{ position, message: error.message }] }
  }
}

function portStatement(host: string, port: number, position: Position): Statement {
  const variable = { key: 'ansible_port', value: port, vaulted: false, position }
  return { kind: 'host-variable', host, layer: 0, variable }
}

/** The colons of a range, or of an IPv6 address without brackets, begin no port. */
function splitPort(pattern: string): { name: string; port?: number } {
  if (isIPv6(pattern)) return { name: pattern }
  const [, address = '', behind] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(pattern) ?? []
  if (isIPv6(address)) return { name: address, ...(behind !== undefined && { port: Number(behind) }) }
  const [, name, digits] = /^((?:[^[\]:]|\[[^[\]]*\])+):(\d{1,5})$/.exec(pattern) ?? []
  return name === undefined ? { name: pattern } : { name, port: Number(digits) }
}
