import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'

const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-nesting-'))
afterAll(() => rmSync(folder, { recursive: true }))

function load(text: string) {
  writeFileSync(join(folder, 'hosts.ini'), text)
  return loadInventory([join(folder, 'hosts.ini')], { HOME: folder })
}

/** The groups g0 to g`depth`, each in the one before, the last one with a host. */
function chain(depth: number, order: (groups: string[]) => string[]): string {
  const groups = Array.from({ length: depth }, (_, at) => `[g${at}:children]\ng${at + 1}`)
  return `[kube_node:children]\ng0\n${order([...groups, `[g${depth}]\na`]).join('\n')}\n`
}
const orders: [string, (groups: string[]) => string[]][] = [
  ['downwards', (groups) => groups],
  ['upwards', (groups) => groups.toReversed()],
]

it.each(orders)('groups written %s may be deep, but not as deep as to end the stack', async (_, order) => {
  await expect(load(chain(90, order))).resolves.toMatchObject({ hosts: [{ name: 'a', role: 'edge' }] })
  await expect(load(chain(20_000, order))).rejects.toMatchObject({
    code: 'INVENTORY_INVALID',
    message: expect.stringContaining('holds groups more than 100 deep'),
  })
})

it('takes groups that many ways lead to', async () => {
  const rungs = Array.from({ length: 40 }, (_, at) =>
    ['a', 'b'].map((side) => `[${side}${at}:children]\na${at + 1}\nb${at + 1}`).join('\n'),
  )
  const text = `[kube_node:children]\na0\n${rungs.join('\n')}\n[a40]\none\n[b40]\ntwo\n`
  expect((await load(text)).hosts.map(({ name }) => name)).toEqual(['one', 'two'])
})

it('refuses a pipe in group_vars, which would be read for ever', async () => {
  await mkdir(join(folder, 'group_vars'), { recursive: true })
  execFileSync('mkfifo', [join(folder, 'group_vars/kube_node.yml')])
  await expect(load('[kube_node]\na\n')).rejects.toMatchObject({
    code: 'INVENTORY_READ',
    message: `${folder}/group_vars/kube_node.yml is neither a file nor a folder`,
  })
  rmSync(join(folder, 'group_vars'), { recursive: true })
})

it.each([
  ['nowhere', 'there is no such file'],
  ['kube_node.yml', 'links on its path go in a circle'],
])('names a link in group_vars that leads to %s', async (target, why) => {
  await mkdir(join(folder, 'group_vars'), { recursive: true })
  symlinkSync(target, join(folder, 'group_vars/kube_node.yml'))
  const loaded = load('[kube_node]\na\n')
  await expect(loaded).rejects.toMatchObject({
    code: 'INVENTORY_READ',
    message: `${folder}/group_vars/kube_node.yml cannot be read: ${why}`,
  })
  rmSync(join(folder, 'group_vars'), { recursive: true })
})
