import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadInventory } from '../../src/inventory/load.js'
import { fc, runs } from '../support/properties.js'

interface Group {
  name: string
  hosts: string[]
  children: string[]
  user?: string
  priority?: number
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yurt-ssh-agreement-'))
})
afterAll(() => rm(folder, { recursive: true }))

const names = ['a', 'b', 'c', 'd', 'edge']
const hosts = ['h-1', 'h-2', 'h-3']

/** Groups that hold only later ones: never a cycle. Every host is in `edge` too, or it would be no node. */
const groups = fc.tuple(
  ...names.map((name, index) =>
    fc.record(
      {
        name: fc.constant(name),
        hosts: name === 'edge' ? fc.constant(hosts) : fc.subarray(hosts),
        children: fc.subarray(names.slice(index + 1)),
        user: fc.constant(`of-${name}`),
        priority: fc.nat(3),
      },
      { requiredKeys: ['name', 'hosts', 'children'] },
    ),
  ),
)

function varsOf({ user, priority }: Group): Record<string, unknown> {
  return {
    ...(user !== undefined && { ansible_user: user }),
    ...(priority !== undefined && { ansible_group_priority: priority }),
  }
}

function asIni(all: readonly Group[]): string {
  return all
    .flatMap((group) => [
      `[${group.name}]`,
      ...group.hosts,
      `[${group.name}:children]`,
      ...group.children,
      `[${group.name}:vars]`,
      ...Object.entries(varsOf(group)).map(([key, value]) => `${key}=${String(value)}`),
    ])
    .join('\n')
}

function asYaml(all: readonly Group[]): string {
  const body = (group: Group) => ({
    hosts: Object.fromEntries(group.hosts.map((host) => [host, null])),
    children: Object.fromEntries(group.children.map((name) => [name, null])),
    vars: varsOf(group),
  })
  return stringify({ all: { children: Object.fromEntries(all.map((group) => [group.name, body(group)])) } })
}

/** The user of a host by the rule as Ansible words it: the deepest group, then the highest priority, then the last name. */
function expectedUser(host: string, all: readonly Group[]): string | undefined {
  const depth = (group: Group): number =>
    1 + Math.max(0, ...all.filter(({ children }) => children.includes(group.name)).map(depth))
  const holds = (group: Group): boolean =>
    group.hosts.includes(host) || all.some((inner) => group.children.includes(inner.name) && holds(inner))
  return all
    .filter((group) => group.user !== undefined && holds(group))
    .toSorted(
      (x, y) => depth(x) - depth(y) || (x.priority ?? 1) - (y.priority ?? 1) || (x.name < y.name ? -1 : 1),
    )
    .at(-1)?.user
}

it('INI and YAML say the same, and the user of every host is that of the group that counts', async () => {
  await fc.assert(
    fc.asyncProperty(groups, async (all) => {
      const files = { ini: join(folder, 'hosts.ini'), yaml: join(folder, 'hosts.yml') }
      await writeFile(files.ini, asIni(all))
      await writeFile(files.yaml, asYaml(all))
      const [ini, yaml] = await Promise.all(
        Object.values(files).map(async (file) => (await loadInventory([file], { HOME: folder })).hosts),
      )
      const essence = (list = ini ?? []) =>
        list
          .map(({ name, groups: around, ssh: { user } }) => ({ name, around, user }))
          .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      expect(essence(yaml)).toEqual(essence(ini))
      for (const { name, user } of essence()) {
        const expected = expectedUser(name, all)
        if (expected === undefined) expect(user).not.toMatch(/^of-/)
        else expect(user).toBe(expected)
      }
    }),
    { numRuns: runs(60) },
  )
})
