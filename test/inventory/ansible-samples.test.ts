import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'
import type { Host } from '../../src/inventory/types.js'

const folder = fileURLToPath(new URL('../cases/inventory/ansible/', import.meta.url))
const load = (file: string) => loadInventory([`${folder}${file}`], { HOME: '/home/me' })
/** `name address:port user role node via bastion` */
function line({ name, node, role, ssh: { address, port, user, bastion } }: Host): string {
  const jump = bastion === undefined ? '' : ` via ${bastion.user}@${bastion.address}:${bastion.port}`
  return `${name} ${user}@${address}:${port} ${role}${node === name ? '' : ` node ${node}`}${jump}`
}

describe('Kubespray with an INI file', async () => {
  const inventory = await load('kubespray/inventory.ini')
  const jump = 'via jump@198.51.100.7:22'

  it('comes to these hosts', () => {
    expect(inventory.hosts.map(line)).toEqual([
      `node1 ops@192.0.2.11:22 cloud ${jump}`,
      `node2 ops@192.0.2.12:22 cloud ${jump}`,
      `node3 ops@192.0.2.13:22 cloud ${jump}`,
      `node4 ops@node4:2222 edge ${jump}`,
      `node5 ops@node5:2222 edge ${jump}`,
      `node6 ops@192.0.2.16:2222 edge node kiosk-6.example.com ${jump}`,
    ])
  })

  it('lets group_vars/all count before variables of a group in the inventory, as Ansible does', () => {
    expect(inventory.hosts[3]?.ssh).toMatchObject({ user: 'ops', identityFile: ['/keys/fleet'] })
  })

  it('reads group_vars of the group that Kubespray makes up', () => {
    expect(inventory.hosts.map(({ ssh }) => ssh.strictHostKeyChecking)).toEqual(Array(6).fill('accept-new'))
    expect(inventory.hosts.map(({ ssh }) => ssh.bastion?.strictHostKeyChecking)).toEqual(
      Array(6).fill('strict'),
    )
    expect(inventory.hosts[0]?.groups).toEqual(['etcd', 'k8s_cluster', 'kube_control_plane'])
  })

  it('names what it does not follow, without values', () => {
    const text = inventory.warnings.join('\n').replaceAll(folder, '')
    expect(text.split('\n')).toEqual([
      'etcd9 is left out: it is in no group of Kubernetes nodes: kubespray/inventory.ini:6:1',
      'ansible_ssh_pass is not followed: kubespray/host_vars/node6.yml:3:1',
      'ansible_ssh_common_args: -o ServerAliveInterval is not followed: kubespray/group_vars/k8s_cluster/k8s-cluster.yml:8:1',
    ])
    expect(inventory.unread.map((entry) => entry.split(' ')[0])).toEqual([
      'ip',
      'bin_dir',
      'loadbalancer_apiserver_port',
      'kube_version',
      'kube_network_plugin',
      'kube_encrypt_token',
    ])
  })
})

it('Kubespray of 2018, with dashes and ansible_ssh_host, comes to these hosts', async () => {
  const { hosts } = await load('kubespray-2018/hosts.ini')
  expect(hosts.map(line)).toEqual([
    'node-01.example.com root@node-01.example.com:22 cloud via jump@198.51.100.7:22',
    'node-02.example.com root@node-02.example.com:22 edge via jump@198.51.100.7:22',
    'node-03.example.com root@node-03.example.com:22 edge via jump@198.51.100.7:22',
  ])
  expect(hosts.every(({ hub }) => hub)).toBe(true)
})

it('Kubespray with a YAML file comes to these hosts', async () => {
  const { hosts, groups, warnings } = await load('kubespray-yaml/hosts.yaml')
  const jump = 'via jump@shops.example.com:2200'
  expect(hosts.map(line)).toEqual([
    'cp-1 ops@192.0.2.1:2222 cloud',
    'worker-1 ops@192.0.2.2:2222 cloud',
    ...['a', 'b', 'c'].flatMap((x) =>
      [1, 2].map((y) => `shop-${x}-${y} ops@shop-${x}-${y}:2222 edge ${jump}`),
    ),
  ])
  expect(groups.map(({ name }) => name)).toEqual(['etcd', 'k8s_cluster', 'cloud'])
  expect(warnings).toEqual([])
})
