import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SshSettings } from '../../src/inventory/types.js'
import { createPool } from '../../src/ssh/pool.js'
import { describeWith, hostWith, keygen, type Sshd, settingsFor, startSshd } from '../support/sshd.js'
import { createTestUser, type TestUser } from '../support/test-user.js'

const timeout = { timeoutSeconds: 20 }

describeWith(['sshd', 'keygen', 'root', 'sudo'], 'a real sudo', () => {
  let sshd: Sshd
  let folder: string
  let log: string
  let user: TestUser
  const sudoers = () => `/etc/sudoers.d/${user.name}`
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sudo-'))
    log = join(folder, 'sudo.log')
    user = createTestUser()
    sshd = await startSshd({ config: [`AllowUsers ${user.name}`] })
    execFileSync('chmod', ['755', sshd.folder])
  })
  afterAll(async () => {
    await sshd.stop()
    rmSync(sudoers(), { force: true })
    user.remove()
    rmSync(folder, { recursive: true })
  })

  /** Runs a script as root there; `lines` are the user's sudoers, %s its name. */
  async function become(lines: string[], settings: Partial<SshSettings> = {}, askSecret = refuseToAnswer()) {
    const defaults = [`Defaults:USER logfile=${log}, passwd_tries=3`, ...lines]
    writeFileSync(sudoers(), `${defaults.join('\n').replaceAll('USER', user.name)}\n`, { mode: 0o440 })
    writeFileSync(log, '')
    const pool = createPool({ askSecret })
    const host = hostWith({ ...settingsFor(sshd), user: user.name, ...settings })
    try {
      const session = await pool.session(host)
      const script = 'id -u; echo words >&2; printf "%s" "größe \'quoted\'"; exit 7'
      const results = [await session.run(script, timeout), await session.run('tty; echo $-', timeout)]
      return { results }
    } catch (error) {
      const again = await pool.session(host).catch((second) => second)
      return { error, again }
    } finally {
      pool.close()
    }
  }

  const asRoot = [
    { status: 7, stdout: "0\ngröße 'quoted'", stderr: 'words\n' },
    { status: 0, stdout: expect.stringMatching(/^not a tty\n[^i]*\n$/), stderr: '' },
  ]
  const passwordFile = (text = user.password) => {
    const file = join(folder, 'password')
    writeFileSync(file, `${text}\n`, { mode: 0o600 })
    return { sudoPassword: { file } }
  }
  const all = 'USER ALL=(root) ALL'
  const free = 'USER ALL=(root) NOPASSWD: ALL'

  it.each([
    ['without a password', [free]],
    ['without a password, on a terminal', ['Defaults:USER requiretty', free]],
    ['with a password', [all]],
    [
      'with a password and a prompt of its own',
      ['Defaults:USER passprompt="Who goes there? ", passprompt_override', all],
    ],
    ['with a password, lectured', ['Defaults:USER lecture=always', all]],
    ['with a password, on a terminal', ['Defaults:USER requiretty', all]],
    ['with a password, on a terminal of its own', ['Defaults:USER requiretty, use_pty', all]],
    ['with a password, in a pseudo-terminal', ['Defaults:USER use_pty', all]],
    ['with a password, no pseudo-terminal', ['Defaults:USER !use_pty', all]],
    ['with a password, on a terminal, none for the command', ['Defaults:USER requiretty, !use_pty', all]],
  ])('becomes root %s', async (_, lines) => {
    expect(await become(lines, passwordFile())).toEqual({ results: asRoot })
  })

  it('asks once, and only where sudo asks', async () => {
    const questions: string[] = []
    const askSecret = async (question: string) => {
      questions.push(question)
      return user.password
    }
    expect(await become([free], { sudoPassword: 'ask' }, askSecret)).toEqual({ results: asRoot })
    expect(questions).toEqual([])
    expect(await become([all], { sudoPassword: 'ask' }, askSecret)).toEqual({ results: asRoot })
    expect(questions).toEqual(['sudo password, for every host that asks for one'])
  })

  it('does not need a password that cannot be had where sudo asks for none', async () => {
    expect(await become([free], { sudoPassword: { file: '/nonexistent' } })).toEqual({ results: asRoot })
    expect(await become([all], { sudoPassword: { file: '/nonexistent' } })).toMatchObject({
      error: { code: 'SSH_SECRET', message: expect.stringContaining('/nonexistent') },
    })
  })

  it.each([
    ['', [all]],
    [' on a terminal', ['Defaults:USER requiretty', all]],
  ])('tries a wrong password exactly once%s', async (_, lines) => {
    const { error, again } = await become(lines, passwordFile('wrong'))
    expect(error).toMatchObject({
      code: 'HOST_SUDO_PASSWORD',
      host: 'edge-1',
      message: expect.stringMatching(/does not take the password from .*; it was tried once/),
    })
    expect(again).toBe(error)
    expect(JSON.stringify(error)).not.toContain('wrong')
    await expect.poll(() => readFileSync(log, 'utf8')).toContain('1 incorrect password attempt')
    expect(readFileSync(log, 'utf8')).not.toMatch(/[2-9] incorrect/)
  })

  it('tries a wrong password once for twelve hosts, a right one on all of them', async () => {
    for (const [text, count] of [
      ['wrong', 0],
      [user.password, 12],
    ] as const) {
      writeFileSync(
        sudoers(),
        `Defaults:USER logfile=LOG\nUSER ALL=(root) ALL\n`.replaceAll('USER', user.name).replace('LOG', log),
        { mode: 0o440 },
      )
      writeFileSync(log, '')
      const pool = createPool({ askSecret: refuseToAnswer() })
      const ssh = { ...settingsFor(sshd), user: user.name, ...passwordFile(text) }
      const outcomes = await Promise.allSettled(
        Array.from({ length: 12 }, (_, n) => pool.session(hostWith(ssh, `edge-${n}`))),
      )
      pool.close()
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(count)
      if (count > 0) continue
      const messages = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : {}))
      expect(messages.filter(({ message }) => /^not tried: .* has refused/.test(message))).toHaveLength(11)
      await expect.poll(() => readFileSync(log, 'utf8')).toContain('1 incorrect password attempt')
      expect(readFileSync(log, 'utf8').match(/incorrect password/g)).toHaveLength(1)
    }
  })

  it.each([
    ['needs a password', /needs a password/, [all], 'without'],
    ['is not in sudoers', /does not allow it/, [], 'with a password'],
    ['may not run sh', /does not allow it/, ['USER ALL=(root) /bin/true'], 'with a password'],
  ] as const)('says that it %s', async (_, words, lines, given) => {
    const { error } = await become([...lines], given === 'without' ? {} : passwordFile())
    expect(error).toMatchObject({
      code: 'HOST_SUDO',
      message: expect.stringMatching(words),
      hint: expect.any(String),
    })
    expect(JSON.stringify(error)).not.toContain('größe')
  })

  it('gets no password on a host whose key has changed', async () => {
    const known = join(folder, 'changed')
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${keygen(join(folder, 'other'))}\n`)
    const trusting: Partial<SshSettings> = { knownHosts: [known], strictHostKeyChecking: 'off' }
    expect(await become([free], { ...trusting, ...passwordFile() })).toEqual({ results: asRoot })
    expect(await become([all], { ...trusting, ...passwordFile() })).toMatchObject({
      error: { code: 'SSH_HOST_KEY_CHANGED', message: expect.stringContaining('it gets no password, for') },
    })
    expect(readFileSync(log, 'utf8')).not.toContain('incorrect password')
  })

  it('does not take what start-up files print for output, nor for a question', async () => {
    const rc = readFileSync(`${user.home}/.bashrc`, 'utf8')
    writeFileSync(`${user.home}/.bashrc`, 'echo "Password:"; printf "Password: " >&2\n')
    expect(await become([all], passwordFile())).toEqual({ results: asRoot })
    expect(await become([free], passwordFile())).toEqual({ results: asRoot })
    writeFileSync(`${user.home}/.bashrc`, rc)
  })
})

function refuseToAnswer() {
  return async (question: string): Promise<string> => {
    throw new Error(`asked: ${question}`)
  }
}
