import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeApi, fakeApi } from '../support/fake-api.js'
import { writeInventory } from '../support/host-over-ssh.js'
import { runProgram } from '../support/run-program.js'
import { describeWith, keygen, type Sshd, startSshd } from '../support/sshd.js'

const built = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

describeWith(['sshd', 'keygen'], 'known hosts, as a program of its own', () => {
  let api: FakeApi
  let sshd: Sshd
  let folder: string
  let other: string
  beforeAll(async () => {
    if (!existsSync(built)) throw new Error('dist is not built: npm run build')
    folder = mkdtempSync(join(tmpdir(), 'known-hosts-'))
    other = keygen(join(folder, 'other'))
    api = await fakeApi()
    sshd = await startSshd()
  })
  afterAll(async () => {
    await sshd.stop()
    await api.close()
    rmSync(folder, { recursive: true })
  })

  async function preflight(lines: string[], strictHostKeyChecking: string, hashed = false): Promise<string> {
    const knownHosts = join(folder, 'known_hosts')
    writeFileSync(knownHosts, `${lines.join('\n')}\n`)
    if (hashed) execFileSync('ssh-keygen', ['-H', '-f', knownHosts], { stdio: 'ignore' })
    const identityFile = join(sshd.folder, 'id')
    const user = userInfo().username
    const ssh = { port: sshd.port, user, identityFile, knownHosts, strictHostKeyChecking, config: 'none' }
    const inventory = writeInventory(folder, api.kubeconfig, {
      'edge-1': { address: '127.0.0.1', role: 'edge', ssh },
    })
    return runProgram('preflight', '-i', inventory)
  }

  const at = () => `[127.0.0.1]:${sshd.port}`
  const own = () => `${at()} ${sshd.hostKeys[0]}`
  it.each<[string, () => string[], string, boolean, RegExp | 'trusted']>([
    ['a plain name', () => [own()], 'strict', false, 'trusted'],
    ['a hashed name', () => [own()], 'strict', true, 'trusted'],
    [
      'another key, hashed',
      () => [`${at()} ${other}`],
      'accept-new',
      true,
      /its host key is .*, but .*known_hosts:1 has/,
    ],
    [
      '@revoked',
      () => [`@revoked * ${sshd.hostKeys[0]}`],
      'off',
      false,
      /its host key is marked @revoked: ssh-ed25519/,
    ],
    [
      '@revoked, known otherwise',
      () => [own(), `@revoked * ${sshd.hostKeys[0]}`],
      'strict',
      false,
      /is marked @revoked/,
    ],
    [
      '@cert-authority',
      () => [`@cert-authority * ${other}`],
      'accept-new',
      false,
      /:1 trusts it by a certificate authority/,
    ],
    ['@cert-authority and its own', () => [`@cert-authority * ${other}`, own()], 'strict', false, 'trusted'],
  ])('%s', { timeout: 60_000 }, async (_, lines, policy, hashed, expected) => {
    const before = sshd.log().length
    const text = await preflight(lines(), policy, hashed)
    const accepted = () => sshd.log().slice(before).includes('Accepted publickey')
    if (expected === 'trusted') return expect.poll(accepted).toBe(true)
    expect(text).toMatch(expected)
    expect(accepted()).toBe(false)
  })
})
