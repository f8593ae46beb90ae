import { spawnSync } from 'node:child_process'
import { afterAll, expect, it } from 'vitest'
import { createPool } from '../../src/ssh/pool.js'
import { type LoginOptions, startLoginHost } from './login-host.js'

const pool = createPool({ maxStarts: 2 })
afterAll(() => pool.close())

/** The output of a script on such a host, or the error. */
async function runOn(options: LoginOptions): Promise<unknown> {
  const login = await startLoginHost(options)
  try {
    const session = await pool.session(login.host)
    return (await session.run(`printf '%s' "it's root"`, { timeoutSeconds: 10 })).stdout
  } catch (error) {
    return error
  } finally {
    pool.drop(login.host.name)
    login.close()
  }
}

const asRoot = 'test "$*" = -u && echo 0'
const sudo = 'test "$1" = -n && shift && exec "$@"'
const present = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

it.each(['sh', 'bash', 'dash', 'fish', 'csh', 'zsh'].filter(present))(
  'works from the login shell %s',
  async (shell) => {
    expect(await runOn({ shell, programs: { id: asRoot } })).toBe("it's root")
    expect(await runOn({ shell, user: 'ops', programs: { id: asRoot, sudo } })).toBe("it's root")
  },
)

const refusals: [code: string, words: RegExp, LoginOptions][] = [
  [
    'HOST_SUDO',
    /needs a password/,
    { programs: { sudo: 'echo "sudo: a password is required" >&2; exit 1' } },
  ],
  [
    'HOST_SUDO',
    /does not allow/,
    { programs: { sudo: 'echo "ops is not in the sudoers file." >&2; exit 1' } },
  ],
  ['HOST_SUDO', /there is no sudo/, { programs: { sudo: 'echo "sh: sudo: not found" >&2; exit 127' } }],
  ['HOST_SUDO', /ended with 1/, { programs: { sudo: 'echo "sudo: Kennwort fehlt" >&2; exit 1' } }],
  ['HOST_NOT_ROOT', /uid 1000/, { programs: { sudo, id: 'echo 1000' } }],
  ['HOST_NOT_ROOT', /uid 1000/, { user: 'root', programs: { id: 'echo 1000' } }],
  [
    'HOST_SHELL',
    /nologin/,
    { user: 'root', programs: { sh: 'echo This account is not available; exit 1' }, shell: 'bash' },
  ],
  [
    'HOST_SHELL',
    /restricted \(rbash\)/,
    {
      programs: { env: 'echo "rbash: /usr/bin/env: restricted: cannot specify" >&2; exit 1' },
      shell: 'bash',
    },
  ],
  [
    'HOST_SHELL',
    /only use SFTP/,
    { programs: { env: 'echo "This service allows sftp connections only."; exit 1' }, shell: 'bash' },
  ],
  [
    'HOST_SHELL',
    /ended with 3/,
    { user: 'root', programs: { sh: 'echo no account; exit 3' }, shell: 'bash' },
  ],
]

it.each(refusals)('%s %s', async (code, words, options) => {
  const refusal = await runOn({ user: 'ops', ...options })
  expect(refusal).toMatchObject({
    code,
    host: 'edge-1',
    message: expect.stringMatching(words),
    hint: expect.any(String),
  })
  if (code !== 'HOST_NOT_ROOT')
    expect(refusal).toMatchObject({ detail: expect.stringMatching(/sudo|account|restricted|sftp/) })
})

it('opens many hosts at a time', async () => {
  const login = await startLoginHost({ programs: { id: asRoot } })
  const names = Array.from({ length: 20 }, (_, n) => `edge-${n}`)
  const sessions = await Promise.all(names.map((name) => pool.session({ ...login.host, name })))
  expect(sessions.map(({ host }) => host)).toEqual(names)
  names.forEach(pool.drop)
  login.close()
})
