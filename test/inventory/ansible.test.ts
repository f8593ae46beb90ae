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

  it.each(cases<Invalid>('ansible/invalid'))('is refused: $name', async (row) => {
    const error = await load(row).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(YurtSshError)
    const [, ...lines] = named((error as YurtSshError).message, row.name).split('\n')
    expect(lines).toEqual(row.problems.map((problem) => problem.replace(' ', ': ')))
  })
})
