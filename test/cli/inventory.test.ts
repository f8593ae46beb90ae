import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { main } from '../../src/cli.js'

let folder: string
let base: string
let site: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yurt-ssh-cli-'))
  base = join(folder, 'base.yaml')
  site = join(folder, 'site.yaml')
  await writeFile(
    base,
    'openyurt: { release: v0.6.1 }\nhosts: { edge-1: { role: edge }, edge-2: { role: edge } }\n',
  )
  await writeFile(site, 'ssh: { port: 2222 }\nhosts: { edge-2: { role: cloud } }\n')
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => rm(folder, { recursive: true }))

/** Runs the command line here; what it printed, and its exit code. */
async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    })
  }
  const code = await main(['node', 'yurt-ssh', 'inventory', ...words])
  vi.restoreAllMocks()
  return { code, ...written }
}

it('-i may stand several times, the later one wins', async () => {
  const { code, stdout } = await run('list', '-i', base, '-i', site, '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    hosts: [
      { name: 'edge-1', role: 'edge', ssh: { port: 2222 } },
      { name: 'edge-2', role: 'cloud', ssh: { port: 2222 } },
    ],
  })
})

it('-i - reads standard input, once', async () => {
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(
    Readable.from([Buffer.from('hosts: { edge-3: { role: edge, prot: 1 } }')]) as never,
  )
  const { code, stderr } = await run('validate', '-i', base, '-i', '-')
  expect(code).toBe(2)
  expect(stderr).toContain('<stdin>:1:32: unknown key "prot"')
  expect(await run('validate', '-i', '-', '-i', '-')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('USAGE_INVENTORY'),
  })
})

it('--inventory-format forces a format, and a program is not run', async () => {
  const hosts = join(folder, 'hosts')
  await writeFile(hosts, '[edge]\nedge-1 kube_version=v1.20.2\n')
  const { code, stdout } = await run('validate', '-i', hosts)
  expect([code, stdout.replaceAll(hosts, 'hosts')]).toEqual([
    0,
    'kube_version is not read: hosts:2:8\n1 host, no mistakes in the files.\n',
  ])
  const forced = await run('validate', '-i', hosts, '--inventory-format', 'native')
  expect([forced.code, forced.stderr]).toEqual([2, expect.stringContaining('INVENTORY_INVALID')])
  await writeFile(hosts, '#!/bin/sh\necho {}\n')
  expect(await run('list', '-i', hosts)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is a program, which yurt-ssh does not run'),
  })
})

it('list --resolved shows where SSH settings come from, ssh_config beside the inventory too', async () => {
  const config = join(folder, 'ssh_config')
  const command = (site: string) => `Host ${site}\n  HostName 10.0.0.1\n  ProxyCommand nc ${site}-jump %p\n`
  await writeFile(config, command('edge-1') + command('edge-2'))
  const more = join(folder, 'more.yaml')
  await writeFile(more, 'ssh: { config: ssh_config, sudoPassword: { file: secret } }\n')
  const { code, stdout } = await run('list', '-i', base, '-i', more, '--resolved')
  expect(code).toBe(0)
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
  expect(rows).toEqual(
    expect.arrayContaining([
      ['HOST', 'SETTING', 'VALUE', 'FROM'],
      ['edge-1', 'address', '10.0.0.1', `${config}:2`],
      ['edge-2', 'address', '10.0.0.1', `${config}:5`],
      ['sudoPassword', `file ${join(folder, 'secret')}`, 'inventory'],
      ['proxyCommand', 'nc …', `${config}:3`],
    ]),
  )
})

it('init prints an inventory that list reads', async () => {
  const { code, stdout } = await run('init', '192.0.2.[1:2]')
  expect(code).toBe(0)
  await writeFile(join(folder, 'new.yaml'), stdout)
  expect((await run('list', '-i', join(folder, 'new.yaml'))).stdout).toContain('host-2')
})
