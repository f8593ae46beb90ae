import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { fileError } from '../../src/errors/file.js'
import { YurtSshError } from '../../src/errors.js'
import type { SshSettings } from '../../src/inventory/types.js'
import { loginFailure } from '../../src/ssh/failures.js'
import { createPool, type PoolOptions } from '../../src/ssh/pool.js'
import { createSecrets } from '../../src/ssh/secrets.js'
import { hostWith } from '../support/sshd.js'

const folder = mkdtempSync(join(tmpdir(), 'words-'))
const at = (name: string) => join(folder, name)
mkdirSync(at('folder'))
writeFileSync(at('file'), 'text\n', { mode: 0o600 })
afterAll(() => rmSync(folder, { recursive: true }))

/** What Node.js says of its own: codes, names of calls and of types. */
const ofNode =
  /\bE[A-Z]{3,}\b|\bERR_|errno|syscall|Received|The ".*" (argument|option)|\bundefined\b|\[object|node:|TypeError/

/** All that an operator reads of an error. */
const said = (error: YurtSshError) => [error.message, error.hint, error.detail].join('\n')

it('no code of the system is shown as Node.js has it, of a file or of a connection', () => {
  const shown = [...getSystemErrorMap()].flatMap(([errno, [code]]) => {
    const cause = Object.assign(new Error(`${code}: words, connect '/x'`), {
      errno,
      code,
      syscall: 'connect',
    })
    const doing = ['read', 'written'] as const
    return [
      ...doing.map((what) => fileError('X', '/x', what, cause)),
      ...[true, false].map((authenticating) => loginFailure(cause, { authenticating, tried: [] })),
    ]
      .map(said)
      .filter((text) => ofNode.test(text) || text.includes('words'))
  })
  expect(shown).toEqual([])
})

async function failure(ssh: Partial<SshSettings>, options: PoolOptions = {}): Promise<unknown> {
  const server = createServer((socket) => socket.resetAndDestroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const pool = createPool({ env: {}, ...options })
  try {
    const settings: SshSettings = {
      address: '127.0.0.1',
      port,
      user: 'ops',
      identityFile: [],
      identitiesOnly: false,
      knownHosts: [],
      strictHostKeyChecking: 'off',
      connectTimeout: 5,
      ...ssh,
    }
    return await pool.session(hostWith(settings)).catch((error: unknown) => error)
  } finally {
    pool.close()
    server.close()
  }
}

it.each<[string, Partial<SshSettings>, PoolOptions?]>([
  ['a key that is not there', { identityFile: [at('none')] }],
  ['a key that is a folder', { identityFile: [at('folder')] }],
  ['a key below a file', { identityFile: [at('file/key')] }],
  ['a key of a long name', { identityFile: [at('x'.repeat(300))] }],
  ['a key of an impossible name', { identityFile: ['/a\0b'] }],
  ['a key that is none', { identityFile: [at('file')] }],
  ['known hosts that are a folder', { knownHosts: [at('folder')] }],
  ['known hosts of an impossible name', { knownHosts: ['/a\0b'] }],
  ['an agent at no path', {}, { agent: '' }],
  ['an agent of an impossible name', {}, { agent: '/a\0b' }],
  ['an agent that is a file', {}, { agent: at('file') }],
  ['a connection that is reset', {}],
  ['a port that nobody listens on', { port: 1 }],
  ['an address that is none of ours', { address: '255.255.255.255' }],
  ['a name that is none', { address: 'no-such-host.invalid' }],
  ['a command that is not there', { proxyCommand: at('none') }],
])('%s', async (_, ssh, options) => {
  const error = await failure(ssh, options)
  expect(error).toBeInstanceOf(YurtSshError)
  expect(said(error as YurtSshError)).not.toMatch(ofNode)
})

it.each([{ file: at('none') }, { file: at('folder') }, { file: '/a\0b' }, { env: 'NOT_SET' }])(
  'a secret from %j',
  async (source) => {
    const error = await createSecrets(async () => '', {})
      .get(source, 'password')
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(YurtSshError)
    expect(said(error as YurtSshError)).not.toMatch(ofNode)
  },
)
