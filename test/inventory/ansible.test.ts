import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import { loadInventory } from '../../src/inventory/load.js'
import type { Inventory } from '../../src/inventory/types.js'
import { cases } from './cases.js'

interface Case {
  name: string
  files: Record<string, string>
  more?: string[]
}
interface Resolved extends Case {
  inventory?: object
  hosts: object[]
  warnings?: string[]
}
interface Invalid extends Case {
  problems: string[]
}

let folder: string
let home: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yurt-ssh-ansible-'))
  home = join(folder, 'home')
  await mkdir(join(home, '.ssh'), { recursive: true })
  await writeFile(join(home, '.ssh/id_ed25519'), '')
  await writeFile(
    join(home, '.ssh/config'),
    'Host configured\nHostName 192.0.2.99\nUser config\nPort 2200\nStrictHostKeyChecking accept-new\n',
  )
  vi.spyOn(process, 'cwd').mockReturnValue('/here')
})
afterAll(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

async function load({ name, files, more = [] }: Case): Promise<Inventory> {
  const root = join(folder, name)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const [first = ''] = Object.keys(files)
  return loadInventory(
    [first, ...more].map((path) => join(root, path)),
    { HOME: home },
  )
}

/** Text or data with the folders of the test under the names that cases have. */
function named<T>(value: T, name: string): T {
  const text = JSON.stringify(value)
    .replaceAll(`${join(folder, name)}/`, '')
    .replaceAll(`${home}/.ssh/id_ed25519`, '/keys/usual')
    .replaceAll(home, '/home/me')
    .replaceAll(`"user":"${userInfo().username}"`, '"user":"me"')
  return JSON.parse(text) as T
}

describe('an inventory of Ansible', () => {
  it.each(cases<Resolved>('ansible/resolved'))('$name', async (row) => {
    const inventory = named(await load(row), row.name)
    expect(inventory).toMatchObject({ ...row.inventory, hosts: row.hosts })
    if (row.warnings !== undefined) expect(inventory.warnings).toEqual(row.warnings)
  })

  it.each<[string, Case['files']]>([
    [
      'a whole file',
      { 'hosts.ini': '[edge]\na\n', 'group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n62\n' },
    ],
    [
      'a value',
      { 'hosts.yml': 'edge: { hosts: { a: { ansible_user: !vault "$ANSIBLE_VAULT;1.1;AES256" } } }' },
    ],
  ])('is refused with a way out where a vault holds %s', async (what, files) => {
    await expect(load({ name: `vault ${what}`, files })).rejects.toMatchObject({
      message: expect.stringContaining('does not decrypt'),
      hint: expect.stringContaining('--list -y --ask-vault-pass | yurt-ssh'),
    })
  })

  it('is refused with what to name where a folder is given', async () => {
    const row = {
      name: 'folder',
      files: { 'site/hosts.ini': '[edge]\na\n', 'site/ansible.cfg': '' },
      more: ['site'],
    }
    await expect(load(row)).rejects.toMatchObject({
      message: expect.stringContaining('it is a folder'),
      hint: `name the inventory in it, several with an -i each: -i ${join(folder, 'folder/site/hosts.ini')}`,
    })
  })

  it('is read where maps are merged a million times', async () => {
    const merged = Array.from({ length: 40 }, (_, at) => `b${at + 1}: &b${at + 1}\n  <<: [*b${at}, *b${at}]`)
    const text = `b0: &b0 { ansible_user: deep }\n${merged.join('\n')}\nedge: { hosts: { a: *b40 } }\n`
    const { hosts } = await load({ name: 'bomb', files: { 'hosts.yml': text } })
    expect(hosts[0]?.ssh.user).toBe('deep')
  })

  it.each(cases<Invalid>('ansible/invalid'))('is refused: $name', async (row) => {
    const error = await load(row).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(YurtSshError)
    const [, ...lines] = named((error as YurtSshError).message, row.name).split('\n')
    expect(lines).toEqual(row.problems.map((problem) => problem.replace(' ', ': ')))
  })
})
