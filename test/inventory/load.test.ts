import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import { loadInventory, parseInventory } from '../../src/inventory/load.js'
import type { Inventory } from '../../src/inventory/types.js'
import { cases } from './cases.js'

interface Resolved {
  name: string
  text: string
  env?: Record<string, string>
  inventory?: object
  hosts: object[]
}

interface Invalid {
  name: string
  text: string
  env?: Record<string, string>
  code?: string
  problems: string[]
}

const surroundings = {
  folder: '/fleet',
  home: '/home/me',
  user: 'me',
  identityFiles: ['/home/me/.ssh/id_ed25519'],
}
const read = (text: string, env?: Record<string, string>): Inventory =>
  parseInventory(text, 'inventory.yaml', surroundings, env)

function refusal(text: string, env?: Record<string, string>): YurtSshError {
  try {
    read(text, env)
  } catch (error) {
    if (error instanceof YurtSshError) return error
    throw error
  }
  throw new Error('not refused')
}

describe('resolves', () => {
  it.each(cases<Resolved>('resolved'))('$name', ({ text, env, inventory = {}, hosts }) => {
    expect(read(text, env)).toMatchObject({ file: 'inventory.yaml', ...inventory, hosts })
  })

  it('shares one bastion among all hosts below the level it stands in', () => {
    const { hosts } = read(
      'openyurt: { release: v0.6.1 }\nssh: { bastion: jump }\nhosts: { "a-[1:2]": { role: edge } }\n',
    )
    expect(hosts[0]?.ssh.bastion).toBe(hosts[1]?.ssh.bastion)
  })
})

describe('refuses', () => {
  it.each(cases<Invalid>('invalid'))('$name', ({ text, env, code = 'INVENTORY_INVALID', problems }) => {
    const error = refusal(text, env)
    const lines = problems.map((problem) => `inventory.yaml:${problem.replace(' ', ': ')}`)
    expect(error.message.split('\n').slice(1)).toEqual(lines)
    expect(error.code).toBe(code)
  })

  it('counts the problems in its first line', () => {
    expect(refusal('').message).toBe(
      'the inventory has a problem:\ninventory.yaml:1:1: the inventory is empty',
    )
    expect(refusal('openyurt: {}\nx: 1\n').message).toMatch(/^the inventory has 2 problems:\n/)
  })
})

describe('a file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yurt-ssh-inventory-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is resolved against its folder and the home folder', async () => {
    await mkdir(join(folder, 'home/.ssh'), { recursive: true })
    await writeFile(join(folder, 'home/.ssh/id_rsa'), '')
    const file = join(folder, 'fleet.yaml')
    await writeFile(
      file,
      '\ufeffopenyurt: { release: v0.6.1 }\ncluster: { kubeconfig: admin.conf }\nhosts: { a: { role: edge } }\n',
    )
    const inventory = await loadInventory([file], { HOME: join(folder, 'home') })
    expect(inventory).toMatchObject({ file, kubeconfig: join(folder, 'admin.conf') })
    expect(inventory.hosts[0]).toMatchObject({
      ssh: {
        identityFile: [join(folder, 'home/.ssh/id_rsa')],
        knownHosts: [
          ...['known_hosts', 'known_hosts2'].map((file) => join(folder, 'home/.ssh', file)),
          ...['ssh_known_hosts', 'ssh_known_hosts2'].map((file) => join('/etc/ssh', file)),
        ],
      },
      position: { file, line: 3, column: 10 },
    })
  })

  it.each([
    { what: 'missing', name: 'missing.yaml', reason: 'there is no such file' },
    { what: 'a folder', name: '.', reason: 'it is a folder' },
    { what: 'not UTF-8', name: 'latin-1.yaml', reason: 'is not UTF-8 text' },
  ])('that is $what cannot be read', async ({ name, reason }) => {
    await writeFile(join(folder, 'latin-1.yaml'), Buffer.from([0x23, 0xe9]))
    const loading = loadInventory([join(folder, name)], {})
    await expect(loading).rejects.toMatchObject({
      code: 'INVENTORY_READ',
      message: expect.stringContaining(reason),
    })
  })
})
