import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type FakeApi, fakeApi } from '../support/fake-api.js'
import { writeInventory } from '../support/host-over-ssh.js'
import { runProgram } from '../support/run-program.js'
import { describeWith, keygen, type Sshd, startSshd } from '../support/sshd.js'

const built = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
/** sshd listens on at most 16. */
const addresses = Array.from({ length: 14 }, (_, index) => `127.0.0.${index + 1}`)

describeWith(['sshd', 'keygen'], 'accept-new, as a program of its own', () => {
  let api: FakeApi
  let sshds: Sshd[]
  let folder: string
  let known: string
  beforeAll(async () => {
    if (!existsSync(built)) throw new Error('dist is not built: npm run build')
    api = await fakeApi()
    const config = ['MaxStartups 100', ...addresses.slice(1).map((address) => `ListenAddress ${address}`)]
    sshds = await Promise.all([1, 2, 3].map(() => startSshd({ config })))
  })
  afterAll(async () => {
    await Promise.all(sshds.map((sshd) => sshd.stop()))
    await api.close()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'accept-new-'))
    known = join(folder, 'known_hosts')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Reads the facts of all hosts, or as far as that goes without root. */
  async function yurtSsh(config = 'none', limit = 'all'): Promise<string> {
    const entries = sshds.map(({ port, folder }, index) => {
      const ssh = {
        port,
        user: userInfo().username,
        identityFile: join(folder, 'id'),
        knownHosts: known,
        strictHostKeyChecking: 'accept-new',
        config,
      }
      return [`edge-${index}[01:14]`, { address: '127.0.0.[1:14]', role: 'edge', ssh }] as const
    })
    const hosts = Object.fromEntries(entries)
    const inventory = writeInventory(folder, api.kubeconfig, hosts)
    return runProgram('preflight', '-i', inventory, '-l', limit)
  }

  const expected = () =>
    sshds.flatMap(({ port, hostKeys }) => addresses.map((address) => `[${address}]:${port} ${hostKeys[0]}`))

  it('two runs at once record each host once, after what is there, and keep its mode', {
    timeout: 120_000,
  }, async () => {
    const before = `# mine\nother.example ${keygen(join(folder, 'other'))}`
    writeFileSync(known, before, { mode: 0o640 })
    const texts = await Promise.all([yurtSsh(), yurtSsh()])
    const [, , ...lines] = readFileSync(known, 'utf8').trimEnd().split('\n')
    expect(readFileSync(known, 'utf8').startsWith(`${before}\n`), texts.join('\n')).toBe(true)
    expect(lines.sort(), texts.join('\n')).toEqual(expected().sort())
    expect((statSync(known).mode & 0o777).toString(8)).toBe('640')
    expect(readdirSync(folder).filter((name) => name.endsWith('lock'))).toEqual([])
  })

  it('writes hashed names where ssh_config says so, which ssh-keygen finds and the next run knows', {
    timeout: 120_000,
  }, async () => {
    const config = join(folder, 'config')
    writeFileSync(config, 'HashKnownHosts yes\n')
    writeFileSync(`${known}.yurt-ssh-lock`, '')
    execFileSync('touch', ['-d', '1 minute ago', `${known}.yurt-ssh-lock`])
    await yurtSsh(config, 'edge-0*')
    const text = readFileSync(known, 'utf8')
    expect(text).not.toContain('127.0.0')
    expect(text.trimEnd().split('\n')).toHaveLength(addresses.length)
    expect((statSync(known).mode & 0o777).toString(8)).toBe('600')
    for (const line of expected().slice(0, addresses.length))
      expect(
        execFileSync('ssh-keygen', ['-F', line.split(' ')[0] ?? '', '-f', known], { encoding: 'utf8' }),
      ).toContain('found')
    await yurtSsh(config, 'edge-0*')
    expect(readFileSync(known, 'utf8')).toBe(text)
  })
})
