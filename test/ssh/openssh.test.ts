import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load.js'
import type { SshSettings } from '../../src/inventory/types.js'
import { createPool, type PoolOptions } from '../../src/ssh/pool.js'
import { runningIn } from '../support/process-group.js'
import {
  describeWith,
  freePort,
  hostWith,
  keygen,
  type Sshd,
  type SshdOptions,
  settingsFor,
  startSshd,
} from '../support/sshd.js'
import { createTestUser, type TestUser } from '../support/test-user.js'
import { startLink } from './link.js'

const timeout = { timeoutSeconds: 20 }

/** The uid of a shell on the host, or the error. */
async function reach(ssh: SshSettings, options: PoolOptions = {}): Promise<unknown> {
  const pool = createPool(options)
  try {
    return (await (await pool.session(hostWith(ssh))).run('id -u', timeout)).stdout
  } catch (error) {
    return error
  } finally {
    pool.close()
  }
}

/** An sshd for one test. */
async function withSshd<T>(options: SshdOptions, use: (sshd: Sshd) => Promise<T>): Promise<T> {
  const sshd = await startSshd(options)
  try {
    return await use(sshd)
  } finally {
    await sshd.stop()
  }
}

const failure = (code: string, message: RegExp) => ({
  code,
  message: expect.stringMatching(message),
  hint: expect.any(String),
})

/** Logs in and asks for a root shell: as an ordinary user it ends at sudo, which may not even be there. */
async function arrive(ssh: SshSettings, options: PoolOptions = {}): Promise<unknown> {
  const outcome = await reach(ssh, options)
  if (userInfo().uid === 0) return outcome === '0\n' ? 'in' : outcome
  const { code } = outcome as { code?: string }
  return code === 'HOST_SUDO' || code === 'HOST_NOT_ROOT' ? 'in' : outcome
}

describeWith(['sshd', 'keygen'], 'OpenSSH', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'])('a user key of type %s', async (type) => {
    await withSshd({}, async (sshd) => {
      const path = join(sshd.folder, `id-${type}`)
      writeFileSync(join(sshd.folder, 'authorized_keys'), `${keygen(path, type)}\n`)
      expect(await arrive(settingsFor(sshd, { identityFile: [path] }))).toBe('in')
    })
  })

  it.each([
    ['a file', 'rsa-sha2-512'],
    ['a file', 'rsa-sha2-256'],
    ['an agent', 'rsa-sha2-512'],
    ['an agent', 'rsa-sha2-256'],
  ])('an RSA key of %s, where users may log in by %s alone', async (where, algorithm) => {
    await withSshd({ config: [`PubkeyAcceptedAlgorithms ${algorithm}`] }, async (sshd) => {
      const path = join(sshd.folder, 'id-rsa')
      const socket = join(sshd.folder, 'agent')
      writeFileSync(join(sshd.folder, 'authorized_keys'), `${keygen(path, 'rsa')}\n`)
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
      await expect.poll(() => existsSync(socket)).toBe(true)
      execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
      const settings =
        where === 'a file'
          ? settingsFor(sshd, { identityFile: [path] })
          : settingsFor(sshd, { identityFile: [], identitiesOnly: false })
      expect(await arrive(settings, { agent: socket })).toBe('in')
      agent.kill()
    })
  })

  it.each<[string, string[]]>([
    ['no SFTP', ['Subsystem sftp /nonexistent']],
    ['a banner', ['Banner /etc/passwd']],
    ['MaxSessions 1', ['MaxSessions 1']],
    ['SHA-2 for RSA only', ['HostKeyAlgorithms rsa-sha2-512']],
    [
      'new algorithms only',
      [
        'KexAlgorithms curve25519-sha256',
        'Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com',
        'MACs hmac-sha2-256-etm@openssh.com',
      ],
    ],
  ])('works with %s', async (_, config) => {
    const outcome = await withSshd({ config, hostKeyTypes: ['rsa', 'ed25519'] }, (sshd) =>
      arrive(settingsFor(sshd)),
    )
    expect(outcome).toBe('in')
  })

  it('works over IPv6', async () => {
    const outcome = await withSshd({ config: ['ListenAddress ::1'] }, async (sshd) => {
      const knownHosts = [join(sshd.folder, 'known6')]
      writeFileSync(knownHosts[0] ?? '', `[::1]:${sshd.port} ${sshd.hostKeys[0]}\n`)
      return arrive(settingsFor(sshd, { address: '::1', knownHosts }))
    })
    expect(outcome).toBe('in')
  })

  it('opens many hosts at a sshd with the default MaxStartups', { timeout: 60_000 }, async () => {
    await withSshd({ config: ['MaxStartups 10:30:100'] }, async (sshd) => {
      const pool = createPool()
      const hosts = Array.from({ length: 40 }, (_, n) => hostWith(settingsFor(sshd), `edge-${n}`))
      const sessions = await Promise.allSettled(hosts.map((host) => pool.session(host)))
      expect(sessions).toHaveLength(40)
      const refused = sessions.filter(
        (session) => session.status === 'rejected' && /^SSH_/.test(String(session.reason.code)),
      )
      expect(refused).toEqual([])
      expect(sshd.connections()).toBe(40)
      pool.close()
    })
  })

  it.each<[string, RegExp, string, string[]]>([
    [
      'a second factor',
      /it takes password/,
      'SSH_AUTH',
      ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'],
    ],
    [
      'GSSAPI only',
      /it takes gssapi-with-mic$/,
      'SSH_AUTH',
      ['AuthenticationMethods gssapi-with-mic', 'GSSAPIAuthentication yes'],
    ],
    ['no sessions', /opens no session/, 'SSH_SESSIONS', ['MaxSessions 0']],
    ['one attempt', /login refused: offered .*stranger.*too many/, 'SSH_AUTH', ['MaxAuthTries 1']],
    [
      'post-quantum key exchange only',
      /no matching key exchange/,
      'SSH_NO_COMMON_ALGORITHM',
      ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
    ],
    ['other users', /login refused/, 'SSH_AUTH', ['AllowUsers nobody']],
  ])('refuses %s by name', async (_, message, code, config) => {
    await withSshd({ config }, async (sshd) => {
      const stranger = join(sshd.folder, 'stranger')
      keygen(stranger)
      const identityFile = config[0] === 'MaxAuthTries 1' ? [stranger] : [join(sshd.folder, 'id')]
      expect(await reach(settingsFor(sshd, { identityFile }))).toMatchObject(failure(code, message))
    })
  })
})

describeWith(['sshd', 'keygen', 'root'], 'a root shell that OpenSSH does not give', () => {
  it.each<[string, RegExp, string[]]>([
    ['a forced command', /no shell/, ['ForceCommand echo hello']],
    ['a forced SFTP', /may only use SFTP/, ['ForceCommand internal-sftp -d /nonexistent']],
  ])('is refused by name: %s', async (_, message, config) => {
    const outcome = await withSshd({ config }, (sshd) => reach(settingsFor(sshd)))
    expect(outcome).toMatchObject(failure('HOST_SHELL', message))
  })

  it('gives up a forced command that waits', async () => {
    const outcome = await withSshd({ config: ['ForceCommand cat'] }, (sshd) =>
      reach(settingsFor(sshd, { connectTimeout: 2 })),
    )
    expect(outcome).toMatchObject(failure('SSH_TIMEOUT', /no shell within 2 s|did not end within 2 s/))
  })
})

describeWith(['sshd', 'keygen'], 'ways to a host', () => {
  let target: Sshd
  let inner: Sshd
  let outer: Sshd
  beforeAll(async () => {
    ;[target, inner, outer] = await Promise.all([
      startSshd(),
      startSshd({ config: ['AllowTcpForwarding yes', 'ForceCommand /bin/false', 'PermitTTY no'] }),
      startSshd({ config: ['AllowTcpForwarding yes'] }),
    ])
  })
  afterAll(() => Promise.all([target.stop(), inner.stop(), outer.stop()]))

  /** Logs in, whatever the shell is then: these work as an ordinary user too. */
  async function login(ssh: SshSettings): Promise<unknown> {
    const outcome = await reach(ssh)
    const code = (outcome as { code?: string }).code ?? 'ok'
    return /^(ok|HOST_.*)$/.test(code) ? 'in' : outcome
  }

  it('go through bastions without a shell, each with its own key, shared by all hosts', async () => {
    const chain = settingsFor(inner, { bastion: settingsFor(outer) })
    const before = [inner, outer].map((sshd) => sshd.connections())
    const pool = createPool()
    const ssh = settingsFor(target, { bastion: chain })
    await Promise.allSettled(Array.from({ length: 5 }, (_, n) => pool.session(hostWith(ssh, `edge-${n}`))))
    expect(await login(ssh)).toBe('in')
    pool.close()
    // One for the pool, one for the login after it.
    await expect
      .poll(() => [inner, outer].map((sshd) => sshd.connections()))
      .toEqual(before.map((count) => count + 2))
  })

  it('come back when a bastion in the middle was lost', async () => {
    const link = await startLink(inner.port)
    const known = join(inner.folder, 'known-link')
    writeFileSync(known, `[127.0.0.1]:${link.port} ${inner.hostKeys[0]}\n`)
    const middle = settingsFor(inner, { port: link.port, knownHosts: [known], bastion: settingsFor(outer) })
    const pool = createPool()
    const host = hostWith(settingsFor(target, { bastion: middle }))
    const first = await pool.session(host).catch(({ code }) => code)
    link.cut()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await login(host.ssh)).toBe('in')
    expect(typeof (await pool.session(host).catch(({ code }) => code))).toBe(typeof first)
    pool.close()
    await link.close()
  })

  it('name the hop that refuses', async () => {
    const stranger = join(target.folder, 'stranger')
    keygen(stranger)
    const wrongOuter = settingsFor(outer, { identityFile: [stranger] })
    const wrongInner = settingsFor(inner, { identityFile: [stranger], bastion: settingsFor(outer) })
    const name = ({ port }: Sshd) => `\\S+@127\\.0\\.0\\.1:${port}`
    expect(
      await login(settingsFor(target, { bastion: settingsFor(inner, { bastion: wrongOuter }) })),
    ).toMatchObject(failure('SSH_AUTH', new RegExp(`^bastion ${name(outer)}: login refused`)))
    expect(await login(settingsFor(target, { bastion: wrongInner }))).toMatchObject(
      failure('SSH_AUTH', new RegExp(`^bastion ${name(inner)} via ${name(outer)}: login refused`)),
    )
  })

  it('ask for the password of a bastion by its own name, once for all hosts', async () => {
    await withSshd({ config: ['PasswordAuthentication yes'] }, async (jump) => {
      const bastion = settingsFor(jump, { identityFile: [], password: 'ask' })
      const questions: string[] = []
      const askSecret = async (question: string) => {
        questions.push(question)
        return 'wrong'
      }
      const pool = createPool({ askSecret })
      const ssh = settingsFor(target, { bastion, password: 'ask' })
      for (const name of ['edge-1', 'edge-2'])
        await expect(pool.session(hostWith(ssh, name))).rejects.toMatchObject({
          code: 'SSH_PASSWORD',
          message: expect.stringContaining(`bastion ${ssh.user}@127.0.0.1:${jump.port}: login refused`),
        })
      expect(questions).toEqual([`SSH password for ${ssh.user}@127.0.0.1:${jump.port}`])
      pool.close()
    })
  })

  it.each([
    ['', ''],
    [', even if they do not want to', 'trap "" TERM; '],
  ])('can be a command, whose processes end with the connection%s', async (_, stubborn) => {
    const mark = join(target.folder, 'mark')
    const relay = join(target.folder, 'relay.cjs')
    writeFileSync(
      relay,
      `const s = require('net').connect(+process.argv[2], process.argv[3]); process.stdin.pipe(s).pipe(process.stdout)`,
    )
    const proxyCommand = `sh -c '${stubborn}echo $$ > ${mark}; echo noise >&2; sleep 1000 >/dev/null & ${process.execPath} ${relay} ${target.port} 127.0.0.1; wait'`
    const pool = createPool()
    await pool.session(hostWith(settingsFor(target, { proxyCommand }))).catch(() => undefined)
    const group = Number(readFileSync(mark, 'utf8'))
    expect(runningIn(group)).not.toEqual([])
    pool.close()
    await expect.poll(() => runningIn(group), { timeout: 10_000 }).toEqual([])
  })

  it('can be a command that fails, and say why', async () => {
    const proxyCommand = 'echo no route today >&2; exit 7'
    expect(await login(settingsFor(target, { proxyCommand: `sh -c '${proxyCommand}'` }))).toMatchObject(
      failure('SSH_REFUSED', /the ProxyCommand ended with status 7: no route today/),
    )
  })

  it('name what of ssh_config was not honoured when they fail', async () => {
    const stranger = join(target.folder, 'stranger-2')
    keygen(stranger)
    const notHonoured = ['CertificateFile (config:3)']
    expect(await login(settingsFor(target, { identityFile: [stranger], notHonoured }))).toMatchObject({
      code: 'SSH_AUTH',
      hint: expect.stringContaining('not honoured of ssh_config: CertificateFile (config:3)'),
    })
  })

  it.each([
    ['nobody listens', 'SSH_REFUSED', /connection refused/],
    ['it hangs up', 'SSH_REFUSED', /hung up before the login/],
  ])('say that %s', async (what, code, message) => {
    const server = createServer((socket) => socket.destroy())
    const port = await freePort()
    if (what === 'it hangs up')
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    expect(await login(settingsFor(target, { port }))).toMatchObject(failure(code, message))
    server.close()
  })
})

describeWith(['sshd', 'ssh', 'keygen'], 'ways that an inventory of Ansible names', () => {
  let target: Sshd
  let jump: Sshd
  let folder: string
  beforeAll(async () => {
    target = await startSshd()
    jump = await startSshd({ config: ['AllowTcpForwarding yes'] })
    folder = mkdtempSync(join(tmpdir(), 'ways-'))
    const { user, knownHosts, identityFile } = settingsFor(jump)
    writeFileSync(
      join(folder, 'config'),
      `Host jump\nHostName 127.0.0.1\nPort ${jump.port}\nUser ${user}\nIdentityFile ${identityFile}\nUserKnownHostsFile ${knownHosts}\n`,
    )
    writeFileSync(
      join(folder, 'relay.cjs'),
      `const s = require('net').connect(+process.argv[3], process.argv[2]); process.stdin.pipe(s).pipe(process.stdout)`,
    )
    writeFileSync(join(folder, 'known'), `192.0.2.10 ${target.hostKeys[0]}\n`)
  })
  afterAll(async () => {
    await Promise.all([target.stop(), jump.stop()])
    rmSync(folder, { recursive: true })
  })

  /** The host has an address that nobody answers at: it is reached by the way, or not at all. */
  async function reachBy(args: string): Promise<unknown> {
    const { user, identityFile } = settingsFor(target)
    const file = join(folder, 'hosts.json')
    const host = {
      ansible_host: '192.0.2.10',
      ansible_user: user,
      ansible_private_key_file: identityFile[0],
      ansible_ssh_extra_args: `-o UserKnownHostsFile=${join(folder, 'known')} -o ConnectTimeout=10`,
      ansible_ssh_common_args: args
        .replaceAll('CONFIG', join(folder, 'config'))
        .replaceAll('RELAY', `${process.execPath} ${join(folder, 'relay.cjs')}`)
        .replaceAll('TARGET', String(target.port)),
    }
    writeFileSync(file, JSON.stringify({ edge: { hosts: { 'edge-1': host } } }))
    const { hosts } = await loadInventory([file], { HOME: folder }, 'ansible')
    const [found] = hosts
    return found === undefined ? undefined : arrive(found.ssh)
  }

  it.each([
    ['nc', `-o ProxyCommand="RELAY 127.0.0.1 TARGET"`, 0],
    ['ssh -W', `-o ProxyCommand="ssh -F CONFIG -W 127.0.0.1:TARGET jump"`, 1],
    ['nc by ssh', `-o ProxyCommand="ssh -F CONFIG jump RELAY 127.0.0.1 TARGET"`, 1],
  ])('%s', async (_, args, jumps) => {
    const before = jump.connections()
    expect(await reachBy(args)).toBe('in')
    await expect.poll(() => jump.connections()).toBe(before + jumps)
  })

  it('-F, and what stands in its file', async () => {
    const proxied = join(folder, 'proxied')
    writeFileSync(
      proxied,
      `Host 192.0.2.*\nProxyCommand ssh -F ${join(folder, 'config')} -W 127.0.0.1:${target.port} jump\n`,
    )
    const before = jump.connections()
    expect(await reachBy(`-F ${proxied}`)).toBe('in')
    await expect.poll(() => jump.connections()).toBe(before + 1)
  })
})

describeWith(['sshd', 'ssh', 'keygen', 'root'], 'logins by password', () => {
  let user: TestUser
  let folder: string
  beforeAll(() => {
    user = createTestUser()
    folder = mkdtempSync(join(tmpdir(), 'password-'))
    writeFileSync(join(folder, 'right'), `${user.password}\n`, { mode: 0o600 })
    writeFileSync(join(folder, 'wrong'), 'wrong\n', { mode: 0o600 })
    writeFileSync(join(folder, 'open'), 'open\n', { mode: 0o644 })
  })
  afterAll(() => {
    user.remove()
    rmSync(folder, { recursive: true })
  })

  const kinds: Record<string, string[]> = {
    password: ['PasswordAuthentication yes', 'UsePAM yes'],
    'keyboard-interactive': ['KbdInteractiveAuthentication yes', 'UsePAM yes'],
    'a key and a password': [
      'PasswordAuthentication yes',
      'UsePAM yes',
      'AuthenticationMethods publickey,password',
    ],
  }

  async function login(kind: string, changes: Partial<SshSettings>, options: PoolOptions = {}) {
    return withSshd({ config: kinds[kind] ?? [] }, async (sshd) => {
      execFileSync('chmod', ['755', sshd.folder])
      const identityFile = kind === 'a key and a password' ? [join(sshd.folder, 'id')] : []
      const outcome = await reach(settingsFor(sshd, { user: user.name, identityFile, ...changes }), options)
      const failures = () => sshd.log().match(/^Failed (password|keyboard-interactive)/gm)?.length ?? 0
      return { outcome, failures }
    })
  }

  it.each(Object.keys(kinds))('%s', async (kind) => {
    // No sudo for this user: it is in once sudo refuses.
    const { outcome, failures } = await login(kind, { password: { file: join(folder, 'right') } })
    expect(outcome).toMatchObject({ code: 'HOST_SUDO' })
    expect(failures()).toBe(0)
  })

  it.each(Object.keys(kinds))('%s, wrong: one attempt', async (kind) => {
    const { outcome, failures } = await login(kind, { password: { file: join(folder, 'wrong') } })
    expect(outcome).toMatchObject(
      failure('SSH_PASSWORD', /login refused: offered .*the password from .*wrong; it takes/),
    )
    await expect.poll(failures).toBe(1)
  })

  it.each(Object.keys(kinds))('%s, not where the host key has changed, as ssh has it', async (kind) => {
    const { outcome, failures } = await withSshd({ config: kinds[kind] ?? [] }, async (sshd) => {
      execFileSync('chmod', ['755', sshd.folder])
      const identityFile = kind === 'a key and a password' ? [join(sshd.folder, 'id')] : []
      const trusting = { user: user.name, identityFile, strictHostKeyChecking: 'off' } as const
      const settings = settingsFor(sshd, { ...trusting, password: { file: join(folder, 'right') } })
      const [known = ''] = settings.knownHosts
      writeFileSync(known, `[127.0.0.1]:${sshd.port} ${keygen(join(sshd.folder, 'other'))}\n`)
      const theirs = spawnSync(
        'ssh',
        [
          ...['-F', 'none', '-oBatchMode=yes', '-oStrictHostKeyChecking=no', `-oUserKnownHostsFile=${known}`],
          ...['-p', String(sshd.port), `${user.name}@127.0.0.1`, 'true'],
        ],
        { encoding: 'utf8' },
      )
      expect(theirs.stderr).toContain(
        'Password authentication is disabled to avoid man-in-the-middle attacks',
      )
      return {
        outcome: await reach(settings),
        failures: sshd.log().match(/(Failed|Accepted) (password|keyboard)/g),
      }
    })
    expect(outcome).toMatchObject(
      failure(
        'SSH_HOST_KEY_CHANGED',
        /it gets no password, for its host key is .*, but .*:1 has ssh-ed25519/,
      ),
    )
    expect(failures).toBeNull()
  })

  it.each(Object.keys(kinds))('%s, wrong, for twelve hosts: one attempt', async (kind) => {
    await withSshd({ config: kinds[kind] ?? [] }, async (sshd) => {
      execFileSync('chmod', ['755', sshd.folder])
      const identityFile = kind === 'a key and a password' ? [join(sshd.folder, 'id')] : []
      const password = { file: join(folder, 'wrong') }
      const ssh = settingsFor(sshd, { user: user.name, identityFile, password })
      const pool = createPool()
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          pool.session(hostWith(ssh, `edge-${n}`)).catch(({ code, message }) => `${code} ${message}`),
        ),
      )
      pool.close()
      const untried = new RegExp(`^SSH_PASSWORD .*: not tried: ${user.name}@.* has refused the same password`)
      expect(outcomes.filter((outcome) => untried.test(String(outcome)))).toHaveLength(11)
      expect(
        outcomes.filter((outcome) => /^SSH_PASSWORD .*login refused/.test(String(outcome))),
      ).toHaveLength(1)
      const failures = () => sshd.log().match(/^Failed (password|keyboard-interactive)/gm)?.length ?? 0
      await expect.poll(failures).toBe(1)
    })
  })

  it('asks once for all hosts of a user', async () => {
    const questions: string[] = []
    const askSecret = async (question: string) => {
      questions.push(question)
      return user.password
    }
    const { outcome } = await login('password', { password: 'ask' }, { askSecret })
    expect(outcome).toMatchObject({ code: 'HOST_SUDO' })
    expect(questions).toEqual([`SSH password for ${user.name}`])
  })

  it.each([
    ['a file that others can read', { file: 'open' }, /others can read it/],
    ['a file that is not there', { file: 'missing' }, /cannot be read/],
    ['a variable that is not set', { env: 'YURT_SSH_NOT_SET' }, /YURT_SSH_NOT_SET is not set/],
  ])('refuses %s', async (_, source, message) => {
    const password =
      'file' in source ? { file: join(folder, String(source.file)) } : { env: String(source.env) }
    const { outcome, failures } = await login('password', { password })
    expect(outcome).toMatchObject({ code: 'SSH_SECRET', message: expect.stringMatching(message) })
    expect(failures()).toBe(0)
  })
})
