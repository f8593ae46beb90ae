import { expect, it } from 'vitest'
import { parseInventory } from '../../src/inventory/load.js'
import { selectHosts } from '../../src/inventory/select.js'

const { hosts } = parseInventory(
  `openyurt: { release: v0.6.1 }
groups:
  cloud: { role: cloud, hosts: { "cp-[1:2]": } }
  stores:
    role: edge
    groups:
      north: { hosts: { "north-[01:12]": } }
      south: { hosts: { "south-[1:2]": , gateway: } }
`,
  'inventory.yaml',
  { folder: '/', home: '/', user: 'me', identityFiles: [] },
)
const all = hosts.map(({ name }) => name)
const only = (expression: RegExp) => all.filter((name) => expression.test(name))

it.each([
  [[], all],
  [['cp-1'], ['cp-1']],
  [['cloud'], ['cp-1', 'cp-2']],
  [['south-2,cp-1'], ['cp-1', 'south-2']],
  [
    ['south-2', ' cp-1 , gateway'],
    ['cp-1', 'south-2', 'gateway'],
  ],
  [['stores'], only(/north|south|gateway/)],
  [['south'], ['south-1', 'south-2', 'gateway']],
  [['*'], all],
  [['north-0?'], only(/^north-0/)],
  [['*-1'], ['cp-1', 'south-1']],
  [['sou*'], ['south-1', 'south-2', 'gateway']],
  [['north-[09:11]'], ['north-09', 'north-10', 'north-11']],
  [['!stores'], ['cp-1', 'cp-2']],
  [['stores,!north,!south-1'], ['south-2', 'gateway']],
  [['!cp-1', 'cloud'], ['cp-2']],
  [['cp-1,cp-1,cloud'], ['cp-1', 'cp-2']],
])('--limit %j', (patterns, names) => {
  expect(selectHosts(hosts, patterns).map(({ name }) => name)).toEqual(names)
})

it.each([
  ['nort', '"nort" is neither a host nor a group, did you mean "north"?'],
  ['cp1', '"cp1" is neither a host nor a group, did you mean "cp-1"?'],
  ['!clod', '"clod" is neither a host nor a group, did you mean "cloud"?'],
  ['database', '"database" is neither a host nor a group'],
  ['x*', '"x*" matches neither a host nor a group'],
  ['cp.1*', '"cp.1*" matches neither a host nor a group'],
  ['cp-[1:3]', '"cp-3" is neither a host nor a group, did you mean "cp-1"?'],
  ['cp-[3:1]', '"[3:1]" ends before it starts'],
  ['', 'has an empty name'],
  ['cp-1,,cp-2', 'has an empty name'],
  ['!', '"" is neither a host nor a group'],
  ['cloud,!cp-*', 'cloud,!cp-* leaves no host'],
])('--limit %j is refused', (pattern, message) => {
  expect(() => selectHosts(hosts, [pattern])).toThrow(
    expect.objectContaining({ code: 'USAGE_LIMIT', message: expect.stringMatching(/^--limit/) }),
  )
  expect(() => selectHosts(hosts, [pattern])).toThrow(message)
})
