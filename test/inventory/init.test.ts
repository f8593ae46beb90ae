import { expect, it } from 'vitest'
import { hostsFromAddresses, type NewHost, renderInventory } from '../../src/inventory/init.js'
import { parseInventory } from '../../src/inventory/load.js'
import { fc } from '../support/properties.js'

const surroundings = { folder: '/', home: '/', user: 'me', identityFiles: [] }
const render = (hosts: readonly NewHost[], kubeconfig?: string) =>
  renderInventory({
    hosts,
    release: 'v0.6.1',
    schema: '/schema.json',
    origin: 'here',
    ...(kubeconfig && { kubeconfig }),
  })
const read = (text: string) => parseInventory(text, 'new.yaml', surroundings)

it('is an inventory with a line per host, and says where its schema is', () => {
  const text = render(
    [
      { name: 'cp-1', address: '192.0.2.1', role: 'cloud', note: 'amd64, control plane' },
      { name: 'edge-1', address: 'fd00::1', role: 'edge' },
      { name: 'kiosk.example.com', role: 'edge' },
    ],
    '/etc/kube config',
  )
  expect(text).toMatch(/^# yaml-language-server: \$schema=\/schema\.json\n/)
  expect(text).toContain('      cp-1: { address: 192.0.2.1 } # amd64, control plane\n')
  expect(read(text)).toMatchObject({
    kubeconfig: '/etc/kube config',
    release: 'v0.6.1',
    hosts: [
      { name: 'cp-1', role: 'cloud', groups: ['cloud'], ssh: { address: '192.0.2.1' } },
      { name: 'edge-1', role: 'edge', ssh: { address: 'fd00::1' } },
      { name: 'kiosk.example.com', ssh: { address: 'kiosk.example.com' } },
    ],
  })
})

it('leaves a group without hosts as a comment', () => {
  const text = render([{ name: 'a', role: 'edge' }])
  expect(text).toContain('  # cloud:\n  #   role: cloud\n')
  expect(read(text).hosts).toMatchObject([{ name: 'a', role: 'edge' }])
})

it('holds any name of a node, whatever YAML takes it for', () => {
  const name = fc.oneof(
    fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?(\.[a-z0-9]{1,3})?$/),
    fc.constantFrom('yes', 'null', 'true', '1e3', '010', '0x1f', '1.5', 'y', '1-1', '2024-01-01'),
  )
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), (names) => {
      const hosts = names.map(
        (own, index): NewHost => ({ name: own, address: `192.0.2.${index}`, role: 'edge' }),
      )
      const found = read(render(hosts)).hosts.filter((host) => !['cloud', 'edge'].includes(host.name))
      expect(found.map((host) => host.name)).toEqual(names.filter((own) => !['cloud', 'edge'].includes(own)))
    }),
  )
})

it('numbers hosts with an IP address and names the others', () => {
  const hosts = hostsFromAddresses([
    '192.0.2.[8:9]',
    'kiosk.example.com',
    'fe80::1',
    ...Array.from({ length: 6 }, (_, n) => `10.0.0.${n}`),
  ])
  expect(hosts.slice(0, 5).map(({ name, address }) => [name, address])).toEqual([
    ['host-01', '192.0.2.8'],
    ['host-02', '192.0.2.9'],
    ['kiosk.example.com', undefined],
    ['host-04', 'fe80::1'],
    ['host-05', '10.0.0.0'],
  ])
})

it.each([
  [[], 'there is no address'],
  [
    ['192.0.2.1', '192.0.2.256', 'a b', '192.0.2.1'],
    'no address, or given twice: 192.0.2.256, a b, 192.0.2.1',
  ],
  [['192.0.2.[3:1]'], '"[3:1]" ends before it starts'],
])('refuses %j', (patterns, message) => {
  expect(() => hostsFromAddresses(patterns)).toThrow(message)
})
