import { expect, it } from 'vitest'
import { parseInventory } from '../../src/inventory/load.js'
import { parseConfigLines } from '../../src/inventory/ssh-config-lines.js'
import { renderResolved } from '../../src/report/resolved.js'

const inventory = `
openyurt: { release: v0.6.1 }
ssh: { user: ops, sudoPassword: { env: SUDO } }
groups:
  north:
    role: edge
    ssh: { knownHosts: [/known, /more] }
    hosts: { edge-1: { ssh: { connectTimeout: 5 } } }
`
const config =
  'Host edge-*\n  Port 2222\n  ProxyJump me@jump\n  Ciphers aes256-ctr\nHost jump\n  Port 22022\n'

it('shows every setting with where it comes from', () => {
  const { hosts } = parseInventory(inventory, 'inventory.yaml', {
    folder: '/',
    home: '/home/me',
    user: 'me',
    identityFiles: ['/home/me/.ssh/id_rsa'],
    sshConfig: () => parseConfigLines(config, '~/.ssh/config'),
  })
  const rows = renderResolved(hosts)
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))
  expect(rows).toEqual([
    ['HOST', 'SETTING', 'VALUE', 'FROM'],
    ['edge-1', 'address', 'edge-1', 'inventory'],
    ['port', '2222', '~/.ssh/config:2'],
    ['user', 'ops', 'inventory'],
    ['identityFile', '/home/me/.ssh/id_rsa', 'default'],
    ['identitiesOnly', 'false', 'default'],
    ['knownHosts', '/known, /more', 'inventory, group north'],
    ['strictHostKeyChecking', 'strict', 'default'],
    ['connectTimeout', '5', 'inventory, host edge-1'],
    ['sudoPassword', 'env SUDO', 'inventory'],
    ['not honoured', 'Ciphers (~/.ssh/config:4)'],
    ['bastion.address', 'jump', '~/.ssh/config:3'],
    ['bastion.port', '22022', '~/.ssh/config:6'],
    ['bastion.user', 'me', '~/.ssh/config:3'],
    ['bastion.identityFile', '/home/me/.ssh/id_rsa', 'default'],
    ['bastion.identitiesOnly', 'false', 'default'],
    [
      'bastion.knownHosts',
      '/home/me/.ssh/known_hosts, /home/me/.ssh/known_hosts2, /etc/ssh/ssh_known_hosts, /etc/ssh/ssh_known_hosts2',
      'default',
    ],
    ['bastion.strictHostKeyChecking', 'strict', 'default'],
    ['bastion.connectTimeout', '20', 'default'],
  ])
})
