import { YurtSshError } from '../errors.js'
import { isAddress } from './address.js'
import type { Entry } from './levels.js'
import type { Problem } from './problems.js'
import { expandRanges } from './ranges.js'
import type { Source } from './source.js'
import type { Position } from './types.js'

/** What the columns of an entry say of one host. */
export interface Row {
  name: string
  node: string
  address: string
}

interface Rule {
  what: string
  form: string
  accepts(value: string): boolean
}

const dns1123 = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const rules = {
  // A run's record has a file `<name>.log`, and a file's name 255 bytes.
  name: {
    what: 'host name',
    form: 'up to 250 letters, digits, ".", "_" and "-"',
    accepts: (value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,249}$/.test(value),
  },
  node: {
    what: 'node name',
    form: 'lower case letters, digits, "-" and "."; set node where the node is not named like the host',
    accepts: (value) => value.length <= 253 && dns1123.test(value),
  },
  address: {
    what: 'address',
    form: 'an IPv4 or IPv6 address without brackets, or a DNS name',
    accepts: isAddress,
  },
} satisfies Record<keyof Row, Rule>

/** For a host's name that is to serve as these too. */
const byName = {
  node: rules.node,
  address: { ...rules.address, form: `${rules.address.form}; set address where the host's name is none` },
} satisfies Record<'node' | 'address', Rule>

/** The hosts that an entry stands for: one, or as many as its range has names. No rows when there are problems. */
export function rowsOf({ key, input, path }: Entry, source: Source): { rows: Row[]; problems: Problem[] } {
  const problems: Problem[] = []
  const attempt = (position: Position, read: () => string[]): string[] | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof YurtSshError)) throw error
      problems.push({ position, message: error.message })
      return undefined
    }
  }
  const position = source.keyAt(path)
  const names = attempt(position, () => valuesOf(key, rules.name))
  const column = (kind: 'node' | 'address') => {
    const pattern = input[kind]
    if (pattern === undefined) return names && attempt(position, () => valuesOf(key, byName[kind]))
    return attempt(source.valueAt([...path, kind]), () => valuesOf(pattern, rules[kind], names?.length))
  }
  const nodes = column('node')
  const addresses = column('address')
  const rows = (names ?? []).map((name, index) => ({
    name,
    node: nodes?.[index] ?? '',
    address: addresses?.[index] ?? '',
  }))
  return { rows: problems.length > 0 ? [] : rows, problems }
}

function valuesOf(pattern: string, { what, form, accepts }: Rule, count?: number): string[] {
  const values = expandRanges(pattern)
  const bad = values.find((value) => !accepts(value))
  if (bad !== undefined) {
    throw new YurtSshError('INVENTORY_INVALID', `${JSON.stringify(bad)} is no ${what}: it takes ${form}`)
  }
  if (count !== undefined && values.length !== count) {
    throw new YurtSshError(
      'INVENTORY_RANGE',
      `"${pattern}" stands for ${values.length}, the host's name for ${count}`,
    )
  }
  return values
}
