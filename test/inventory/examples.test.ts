import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'
import { selectHosts } from '../../src/inventory/select.js'

const pathOf = (name: string) => fileURLToPath(new URL(`../../inventory/${name}`, import.meta.url))

describe.each([
  { name: 'example.yaml', hosts: 6, edge: 3, last: 'edge-3' },
  { name: 'ranges.yaml', hosts: 374, edge: 370, last: 'south-gateway' },
])('inventory/$name', ({ name, hosts, edge, last }) => {
  it('loads', async () => {
    const inventory = await loadInventory([pathOf(name)], { HOME: '/home/me' })
    expect(inventory.hosts).toHaveLength(hosts)
    expect(inventory.hosts.filter(({ role }) => role === 'edge')).toHaveLength(edge)
    expect(inventory.hosts.at(-1)?.name).toBe(last)
  })

  it('names its schema for editors', async () => {
    expect(await readFile(pathOf(name), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\.\/schema\.json\n/,
    )
  })
})

it('the site with a bastion of its own is reached over it, with the keys of the fleet', async () => {
  const { hosts } = await loadInventory([pathOf('ranges.yaml')], { HOME: '/home/me' })
  expect(selectHosts(hosts, ['south-b-07'])[0]).toMatchObject({
    node: 'south-b-07',
    groups: ['stores', 'south'],
    serverAddr: 'https://api.example.com:6443',
    ssh: {
      address: 'south-b-07',
      port: 2222,
      knownHosts: [pathOf('known_hosts')],
      bastion: {
        address: 'south.example.com',
        port: 2200,
        user: 'ops',
        identityFile: ['/home/me/.ssh/fleet', '/home/me/.ssh/fleet-old'],
      },
    },
  })
})
