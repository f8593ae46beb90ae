import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { SshSettings } from '../../src/inventory/types.js'
import { createPool } from '../../src/ssh/pool.js'
import { requireTool } from '../support/tools.js'
import { type LoginOptions, startLoginHost } from './login-host.js'

const pool = createPool({ maxStarts: 2 })
afterAll(() => pool.close())

/** The output of a script on such a host, or the error. */
async function runOn({ ssh, ...options }: LoginOptions & { ssh?: Partial<SshSettings> }): Promise<unknown> {
  const login = await startLoginHost(options)
  try {
    const session = await pool.session({ ...login.host, ssh: { ...login.host.ssh, ...ssh } })
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
const shells = ['sh', 'bash', 'dash', 'fish', 'csh', 'zsh']

it.for(shells)('works from the login shell %s', async (shell, { skip }) => {
  if (!requireTool(shell)) skip(`${shell} is not installed`)
  expect(await runOn({ shell, programs: { id: asRoot } })).toBe("it's root")
  expect(await runOn({ shell, user: 'ops', programs: { id: asRoot, sudo } })).toBe("it's root")
})

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

/**
 * A stand-in for sudo where there is no root: it asks as sudo -S does, up to three times, and notes what it got. With -n
 * it needs a password. What the real one does is in sudo.test.ts.
 */
const askingSudo = (notes: string, { prompt = '"$4"', before = '' } = {}) => `
if [ "$1" = -n ]; then echo "sudo: a password is required" >&2; exit 1; fi
${before}
for try in 1 2 3; do
  printf %s ${prompt} >&2
  IFS= read -r answer || { echo "sudo: no password was provided" >&2; exit 1; }
  echo "$answer" >>${notes}
  if [ "$answer" = "$(cat ${notes}.right)" ]; then shift 4; exec "$@"; fi
  echo "Sorry, try again." >&2
done
exit 1`

describe('a stand-in for sudo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sudo-stand-in-'))
  const notes = join(folder, 'notes')
  let runs = 0
  const right = "se'cret \\ $1"
  afterAll(() => rmSync(folder, { recursive: true }))

  const run = async (password: string, stand: Parameters<typeof askingSudo>[1] = {}) => {
    // A pool reads a file once.
    const file = join(folder, `password-${runs++}`)
    writeFileSync(notes, '')
    writeFileSync(`${notes}.right`, right)
    writeFileSync(file, `${password}\n`, { mode: 0o600 })
    const programs = { id: asRoot, sudo: askingSudo(notes, stand) }
    const outcome = await runOn({ user: 'ops', programs, ssh: { sudoPassword: { file } } })
    return { outcome, notes: readFileSync(notes, 'utf8') }
  }
  it.each([
    ['with our prompt', {}],
    ['with the prompt of a PAM module', { prompt: '"[ldap] Kennwort: "' }],
    ['after a lecture', { before: 'printf "We trust you:\\n\\n#1) Think\\n" >&2' }],
    [
      'after a line that ends in a colon, and in pieces',
      { before: 'printf "three things:" >&2; sleep 0.3; printf "\\n\\n" >&2' },
    ],
    ['in one go with its prompt', { before: 'sleep 0.2' }],
  ])('gets the password %s, once', async (_, stand) => {
    expect(await run(right, stand)).toEqual({ outcome: "it's root", notes: `${right}\n` })
  })

  it('gets a wrong password once', async () => {
    const { outcome, notes } = await run('wrong')
    expect(outcome).toMatchObject({ code: 'HOST_SUDO_PASSWORD', host: 'edge-1' })
    expect(notes).toBe('wrong\n')
  })

  it('gets no password when it asks for none', async () => {
    const { outcome, notes } = await run(right, { before: 'shift 4; exec "$@"' })
    expect({ outcome, notes }).toEqual({ outcome: "it's root", notes: '' })
  })
})

it('opens many hosts at a time', async () => {
  const login = await startLoginHost({ programs: { id: asRoot } })
  const names = Array.from({ length: 20 }, (_, n) => `edge-${n}`)
  const sessions = await Promise.all(names.map((name) => pool.session({ ...login.host, name })))
  expect(sessions.map(({ host }) => host)).toEqual(names)
  names.forEach(pool.drop)
  login.close()
})
