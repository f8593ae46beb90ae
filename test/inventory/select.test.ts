import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readLimitFiles } from '../../src/inventory/limit.js'
import { parseInventory } from '../../src/inventory/load.js'
import { selectHosts } from '../../src/inventory/select.js'
import { fc } from '../support/properties.js'

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
const files = new Map([
  ['failed', '# of yesterday\nnorth-[07:08]  # two\r\n\ncp-2\n'],
  ['done', 'north-07\n'],
  ['empty', '\n# none\n'],
  ['wrong', 'cp-1\nnorth-7\n'],
])
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
  [['cp-1:south-[1:2]:north-[01:03:2]'], ['cp-1', 'north-01', 'north-03', 'south-1', 'south-2']],
  [['all:!stores'], ['cp-1', 'cp-2']],
  [['stores:&*-1'], ['south-1']],
  [
    ['&stores', '!north', '& south'],
    ['south-1', 'south-2', 'gateway'],
  ],
  [['stores,&north-[01:04],&north-[03:12],!north-04'], ['north-03']],
  [['@failed'], ['cp-2', 'north-07', 'north-08']],
  [['stores:&@failed:!@done'], ['north-08']],
])('--limit %j', (patterns, names) => {
  expect(selectHosts(hosts, patterns, files).map(({ name }) => name)).toEqual(names)
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
  ['!', 'has an empty name'],
  ['cp-1:', 'has an empty name'],
  ['cp-[1:2', '"cp-[1" has a bracket'],
  ['north,&souht', '"souht" is neither a host nor a group, did you mean "south"?'],
  ['north,&south', '--limit north,&south leaves no host'],
  ['@empty', '--limit: empty names no host'],
  ['@wrong', 'wrong:2: "north-7" is neither a host nor a group, did you mean "north-07"?'],
  ['cloud,!cp-*', 'cloud,!cp-* leaves no host'],
  ['~edge-.*', /"~edge-\.\*" is a regular expression to Ansible: write it with \* and \?/],
  ['stores[0]', /"stores\[0\]" picks hosts of group stores by their place to Ansible: name them/],
  ['stores[1:-1]', /picks hosts of group stores by their place/],
])('--limit %j is refused', (pattern, message) => {
  const selecting = () => selectHosts(hosts, [pattern], files)
  expect(selecting).toThrow(expect.objectContaining({ code: 'USAGE_LIMIT' }))
  expect(selecting).toThrow(message)
})

it('files of a limit are read once they are named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yurt-ssh-limit-'))
  const file = join(folder, 'failed')
  await writeFile(file, 'cp-1\n')
  expect(await readLimitFiles(['a', `b:!@${file}`])).toEqual(new Map([[file, 'cp-1\n']]))
  await expect(readLimitFiles([`@${file}-2`])).rejects.toMatchObject({ code: 'USAGE_LIMIT' })
  await rm(folder, { recursive: true })
})

it('is set arithmetic, whatever the order of the words', () => {
  const word = fc.tuple(
    fc.constantFrom('', '&', '!'),
    fc.constantFrom(...all, 'cloud', 'stores', 'north', 'south'),
  )
  const named = (name: string) => new Set(selectHosts(hosts, [name]).map((host) => host.name))
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(',', ':'),
      (words, separator) => {
        const sets = (sign: string) => words.filter(([own]) => own === sign).map(([, name]) => named(name))
        const expected = all.filter(
          (name) =>
            (sets('').length === 0 || sets('').some((set) => set.has(name))) &&
            sets('&').every((set) => set.has(name)) &&
            !sets('!').some((set) => set.has(name)),
        )
        const select = () => selectHosts(hosts, [words.map(([sign, name]) => sign + name).join(separator)])
        if (expected.length === 0) expect(select).toThrow('leaves no host')
        else expect(select().map(({ name }) => name)).toEqual(expected)
      },
    ),
  )
})
