import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { YurtSshError } from '../../src/errors.js'
import type { SshSettings } from '../../src/inventory/types.js'
import { createDialer } from '../../src/ssh/bastion.js'
import { createHostKeys } from '../../src/ssh/host-keys.js'
import { createIdentities } from '../../src/ssh/identities.js'
import { type AskSecret, createSecrets } from '../../src/ssh/secrets.js'
import { createTrials } from '../../src/ssh/trials.js'
import { describeWith, freePort, keygen, type Sshd, settingsFor, startSshd } from '../support/sshd.js'
import { type Link, startLink } from './link.js'

const nobody: AskSecret = async (question) => {
  throw new YurtSshError('USAGE_NOBODY_TO_ASK', question)
}

const dialer = (agent?: string, signal = new AbortController().signal, askSecret = nobody, env = {}) =>
  createDialer({
    credentials: {
      identities: createIdentities({ agent, secrets: createSecrets(askSecret, env), trials: createTrials() }),
      hostKeys: createHostKeys(),
    },
    maxStarts: 5,
    signal,
  })

function copyOf(from: string, to: string): string {
  writeFileSync(to, readFileSync(from), { mode: 0o600 })
  return to
}

/** Logs in and out again; what the error says, or `ok`. */
async function attempt(settings: SshSettings, by = dialer()): Promise<YurtSshError | 'ok'> {
  try {
    const connection = await by.dial(settings)
    connection.close()
    return 'ok'
  } catch (error) {
    return error as YurtSshError
  }
}

describeWith(['sshd', 'keygen'], 'connect', () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] })
  })
  afterAll(() => sshd.stop())

  describe('host keys', () => {
    const knownFile = () => join(sshd.folder, 'known')
    const withKnown = (text: string, changes: Partial<SshSettings> = {}) => {
      writeFileSync(knownFile(), text)
      return settingsFor(sshd, { knownHosts: [knownFile()], ...changes })
    }
    const [name, other] = ['ed25519', 'ecdsa']

    it.each([0, 1, 2])('trusts the stored key, whichever of the three types it is (%i)', async (index) => {
      expect(await attempt(withKnown(`[127.0.0.1]:${sshd.port} ${sshd.hostKeys[index]}\n`))).toBe('ok')
    })

    it('refuses an unknown key with its fingerprint, once', async () => {
      const before = sshd.connections()
      expect(await attempt(withKnown(''))).toMatchObject({
        code: 'SSH_HOST_KEY_UNKNOWN',
        message: expect.stringMatching(/^\S+@127\.0\.0\.1:\d+: .*ssh-ed25519 SHA256:[\w+/]{43}$/),
        hint: expect.stringContaining(`ssh-keyscan -p ${sshd.port} 127.0.0.1 >> ${knownFile()}`),
      })
      await expect.poll(() => sshd.connections()).toBe(before + 1)
    })

    it.each(['strict', 'accept-new'] as const)(
      'refuses a changed key under %s',
      async (strictHostKeyChecking) => {
        const wrong = keygen(join(sshd.folder, `wrong-${strictHostKeyChecking}`), name)
        const known = `# fleet\n[127.0.0.1]:${sshd.port} ${wrong}\n`
        expect(await attempt(withKnown(known, { strictHostKeyChecking }))).toMatchObject({
          code: 'SSH_HOST_KEY_CHANGED',
          message: expect.stringMatching(/SHA256:.* but .*known:2 has ssh-ed25519 SHA256:/),
        })
        expect(readFileSync(knownFile(), 'utf8')).toBe(known)
      },
    )

    it('refuses a revoked key even when nothing is checked', async () => {
      const known = sshd.hostKeys.map((key) => `@revoked * ${key}\n`).join('')
      const refusal = await attempt(withKnown(known, { strictHostKeyChecking: 'off' }))
      expect(refusal).toMatchObject({ code: 'SSH_HOST_KEY_REVOKED' })
      const changed = `[127.0.0.1]:${sshd.port} ${keygen(join(sshd.folder, 'wrong'), other)}\n`
      expect(await attempt(withKnown(changed, { strictHostKeyChecking: 'off' }))).toBe('ok')
    })

    it('accept-new records a key once, in a new private file', async () => {
      const folder = join(sshd.folder, 'new')
      const settings = settingsFor(sshd, {
        knownHosts: [join(folder, 'known')],
        strictHostKeyChecking: 'accept-new',
      })
      const one = dialer()
      expect(
        await Promise.all([attempt(settings, one), attempt(settings, one), attempt(settings, one)]),
      ).toEqual(['ok', 'ok', 'ok'])
      expect(readFileSync(join(folder, 'known'), 'utf8')).toBe(
        `[127.0.0.1]:${sshd.port} ${sshd.hostKeys[0]}\n`,
      )
      expect([statSync(folder).mode & 0o777, statSync(join(folder, 'known')).mode & 0o777]).toEqual([
        0o700, 0o600,
      ])
      expect(await attempt({ ...settings, strictHostKeyChecking: 'strict' })).toBe('ok')
    })

    it('accept-new appends a line of its own to a file without a final newline', async () => {
      const settings = withKnown(`node-1 ${sshd.hostKeys[0]}`, { strictHostKeyChecking: 'accept-new' })
      expect(await attempt(settings)).toBe('ok')
      expect(readFileSync(knownFile(), 'utf8').split('\n')).toHaveLength(3)
      expect(await attempt({ ...settings, strictHostKeyChecking: 'strict' })).toBe('ok')
    })

    it('accept-new leaves what is in the file as it is', async () => {
      const known = '# mine\r\nodd line\n|1|AAAA|BBBB ssh-rsa AAAA\n'
      expect(await attempt(withKnown(known, { strictHostKeyChecking: 'accept-new' }))).toBe('ok')
      const text = readFileSync(knownFile(), 'utf8')
      expect(text).toBe(`${known}[127.0.0.1]:${sshd.port} ${sshd.hostKeys[0]}\n`)
    })

    it.each(['strict', 'accept-new'] as const)(
      'refuses a host that only a certificate authority speaks for under %s',
      async (strictHostKeyChecking) => {
        const authority = `@cert-authority * ${keygen(join(sshd.folder, `ca-${strictHostKeyChecking}`))}\n`
        expect(await attempt(withKnown(authority, { strictHostKeyChecking }))).toMatchObject({
          code: 'SSH_HOST_KEY_UNKNOWN',
          message: expect.stringMatching(/known:1 trusts it by a certificate authority, .* SHA256:/),
        })
        const both = `${authority}[127.0.0.1]:${sshd.port} ${sshd.hostKeys[0]}\n`
        expect(await attempt(withKnown(both, { strictHostKeyChecking }))).toBe('ok')
      },
    )

    it('looks into all files, and names the one that contradicts', async () => {
      const global = join(sshd.folder, 'global')
      writeFileSync(global, `# site\n127.0.0.1 ${sshd.hostKeys[0]}\n`)
      expect(await attempt(withKnown('', { knownHosts: [knownFile(), global] }))).toBe('ok')
      writeFileSync(
        global,
        `# site\n\n[127.0.0.1]:${sshd.port} ${keygen(join(sshd.folder, 'wrong-global'))}\n`,
      )
      expect(await attempt(withKnown('', { knownHosts: [knownFile(), global] }))).toMatchObject({
        code: 'SSH_HOST_KEY_CHANGED',
        message: expect.stringMatching(/ssh-ed25519 SHA256:\S+, but .*global:3 has ssh-ed25519 SHA256:/),
      })
    })

    it('says that many hashed names are slow, once', () => {
      const lines = Array.from({ length: 2001 }, (_, n) => `|1|${n}|${n} ${sshd.hostKeys[0]}\n`)
      const tell = vi.fn()
      const hostKeys = createHostKeys(tell)
      for (let port = 1; port < 4; port++) hostKeys.algorithms({ ...withKnown(lines.join('')), port })
      expect(tell).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('known has 2001 hashed names'))
    })

    it('accept-new refuses what it cannot record', async () => {
      const settings = settingsFor(sshd, {
        knownHosts: ['/proc/none/known'],
        strictHostKeyChecking: 'accept-new',
      })
      expect(await attempt(settings)).toMatchObject({ code: 'SSH_KNOWN_HOSTS' })
    })
  })

  describe('keys', () => {
    it('says what was offered and what the server takes, after one connection', async () => {
      const stranger = join(sshd.folder, 'stranger')
      keygen(stranger)
      const before = sshd.connections()
      expect(await attempt(settingsFor(sshd, { identityFile: [stranger] }))).toMatchObject({
        code: 'SSH_AUTH',
        message: expect.stringMatching(
          /login refused: offered .*stranger \(ssh-ed25519\); it takes publickey/,
        ),
      })
      expect(await attempt(settingsFor(sshd, { identityFile: [] }))).toMatchObject({
        code: 'SSH_AUTH',
        message: expect.stringContaining('there was no key to offer'),
      })
      await expect.poll(() => sshd.connections()).toBe(before + 2)
    })

    it('tries several keys in order', async () => {
      const second = join(sshd.folder, 'second')
      keygen(second)
      expect(await attempt(settingsFor(sshd, { identityFile: [second, join(sshd.folder, 'id')] }))).toBe('ok')
    })

    it('refuses key files that it cannot use, without a connection', async () => {
      writeFileSync(join(sshd.folder, 'junk'), 'junk')
      copyOf(join(sshd.folder, 'id'), join(sshd.folder, 'open'))
      chmodSync(join(sshd.folder, 'open'), 0o644)
      writeFileSync(join(sshd.folder, 'sk.pub'), 'sk-ssh-ed25519@openssh.com AAAA test\n')
      const before = sshd.connections()
      const cases = {
        junk: /Unsupported key format/,
        missing: /no such file/,
        open: /can be read by others/,
        'id.pub': /is a public key/,
        'sk.pub': /hardware token/,
      }
      for (const [file, message] of Object.entries(cases)) {
        const refusal = await attempt(settingsFor(sshd, { identityFile: [join(sshd.folder, file)] }))
        expect(refusal).toMatchObject({ code: 'SSH_KEY', message: expect.stringMatching(message) })
      }
      await expect.poll(() => sshd.connections()).toBe(before)
    })

    describe.each([
      ['OpenSSH', []],
      ['PEM', ['-m', 'PEM']],
    ])('with a passphrase, %s format', (format, options) => {
      const path = (name: string) => join(sshd.folder, `${name}-${format}`)
      const settings = () => settingsFor(sshd, { identityFile: [path('locked')] })
      beforeAll(() => {
        keygen(path('locked'), 'ecdsa')
        execFileSync('ssh-keygen', ['-q', '-p', ...options, '-N', 'secret phrase', '-f', path('locked')])
        appendFileSync(join(sshd.folder, 'authorized_keys'), readFileSync(`${path('locked')}.pub`))
        keygen(path('stranger'), 'ed25519', 'secret phrase')
      })

      it('is asked for once, for however many hosts', async () => {
        const askSecret = vi.fn(async () => 'secret phrase')
        const by = dialer(undefined, undefined, askSecret)
        const outcomes = await Promise.all(Array.from({ length: 6 }, () => attempt(settings(), by)))
        expect(new Set(outcomes)).toEqual(new Set(['ok']))
        expect(askSecret).toHaveBeenCalledExactlyOnceWith(`passphrase for ${path('locked')}`)
      })

      it('is asked for once when it is wrong', async () => {
        const askSecret = vi.fn(async () => 'wrong phrase')
        const by = dialer(undefined, undefined, askSecret)
        for (let host = 0; host < 2; host++) {
          expect(await attempt(settings(), by)).toMatchObject({
            code: 'SSH_KEY',
            message: expect.stringMatching(/locked-.*: the passphrase does not open it$/),
          })
        }
        expect(askSecret).toHaveBeenCalledOnce()
      })

      it('comes from an environment variable', async () => {
        const given = { ...settings(), passphrase: { env: 'KEY_PASSPHRASE' } }
        expect(
          await attempt(given, dialer(undefined, undefined, nobody, { KEY_PASSPHRASE: 'secret phrase' })),
        ).toBe('ok')
        expect(await attempt(given)).toMatchObject({
          code: 'SSH_SECRET',
          message: expect.stringContaining('KEY_PASSPHRASE'),
        })
      })

      it('needs somebody to ask', async () => {
        expect(await attempt(settings())).toMatchObject({ code: 'USAGE_NOBODY_TO_ASK' })
      })
    })

    it('asks for no passphrase of a key that the server does not take', async () => {
      const stranger = join(sshd.folder, 'stranger-OpenSSH')
      const identityFile = [stranger, join(sshd.folder, 'id')]
      expect(await attempt(settingsFor(sshd, { identityFile }))).toBe('ok')
      expect(await attempt(settingsFor(sshd, { identityFile: [stranger] }))).toMatchObject({
        code: 'SSH_AUTH',
      })
    })

    it('offers no more keys than a server takes', async () => {
      const keys = Array.from({ length: 7 }, (_, n) => join(sshd.folder, `many-${n}`))
      for (const key of keys) keygen(key)
      expect(await attempt(settingsFor(sshd, { identityFile: keys }))).toMatchObject({
        code: 'SSH_AUTH',
        message: expect.not.stringContaining('too many'),
      })
    })
  })

  describe('the agent', () => {
    let agent: ChildProcess
    beforeAll(async () => {
      const locked = join(sshd.folder, 'in-agent')
      agent = spawn('ssh-agent', ['-D', '-a', join(sshd.folder, 'agent')], { stdio: 'ignore' })
      while (!existsSync(join(sshd.folder, 'agent'))) await new Promise((resolve) => setTimeout(resolve, 20))
      const env = { ...process.env, SSH_AUTH_SOCK: join(sshd.folder, 'agent') }
      execFileSync('ssh-add', [join(sshd.folder, 'id')], { env, stdio: 'ignore' })
      execFileSync('ssh-keygen', [
        '-q',
        '-p',
        '-N',
        'secret phrase',
        '-f',
        copyOf(join(sshd.folder, 'id'), locked),
      ])
    })
    afterAll(() => agent.kill())

    it.each([
      ['holds the key', [], false, 'ok'],
      ['holds the key of a file with a passphrase', ['in-agent'], false, 'ok'],
      ['is not asked under identitiesOnly', [], true, 'SSH_AUTH'],
    ])('%s', async (_, files, identitiesOnly, expected) => {
      const identityFile = files.map((file) => join(sshd.folder, file))
      const outcome = await attempt(
        settingsFor(sshd, { identityFile, identitiesOnly }),
        dialer(join(sshd.folder, 'agent')),
      )
      expect(outcome === 'ok' ? outcome : outcome.code).toBe(expected)
    })
  })

  describe('the way there', () => {
    let link: Link | undefined
    afterAll(() => link?.close())

    it('tries a refused port three times', async () => {
      const port = await freePort()
      const started = Date.now()
      expect(await attempt(settingsFor(sshd, { port }))).toMatchObject({
        code: 'SSH_REFUSED',
        message: expect.stringContaining(`127.0.0.1:${port}: connection refused`),
      })
      expect(Date.now() - started).toBeGreaterThan(800)
    })

    it.each([
      [2, 'ok'],
      [3, { code: 'SSH_REFUSED', message: expect.stringContaining('hung up before the login') }],
    ])('with an sshd that drops the first %i connections', async (drops, expected) => {
      link = await startLink(sshd.port, drops)
      const known = join(sshd.folder, 'known_plain')
      writeFileSync(known, `127.0.0.1 ${sshd.hostKeys[0]}\n`)
      const outcome = await attempt(settingsFor(sshd, { port: link.port, knownHosts: [known] }))
      if (typeof expected === 'string') expect(outcome).toBe(expected)
      else expect(outcome).toMatchObject(expected)
      await link.close()
    })

    it('gives a silent host up in time', async () => {
      link = await startLink(sshd.port)
      link.freeze()
      const started = Date.now()
      expect(await attempt(settingsFor(sshd, { port: link.port, connectTimeout: 0.5 }))).toMatchObject({
        code: 'SSH_TIMEOUT',
      })
      expect(Date.now() - started).toBeLessThan(5000)
      await link.close()
    })

    it('stops when told to', async () => {
      link = await startLink(sshd.port)
      link.freeze()
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 50)
      const refusal = await attempt(
        settingsFor(sshd, { port: link.port }),
        dialer(undefined, controller.signal),
      )
      expect(refusal).toMatchObject({ code: 'SSH_ABORTED' })
      await link.close()
    })

    it('tells a name that does not resolve, and a port that does not speak SSH', async () => {
      const refusal = await attempt(settingsFor(sshd, { address: 'no-such-host.invalid' }))
      expect(refusal).toMatchObject({ code: 'SSH_DNS' })
      const web = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
      web.on('clientError', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      await new Promise((resolve) => web.once('listening', resolve))
      const { port } = web.address() as AddressInfo
      expect(await attempt(settingsFor(sshd, { port, connectTimeout: 2 }))).toMatchObject({
        code: expect.stringMatching(/^SSH_/),
      })
      web.close()
    })

    it('names the lack of a common algorithm', async () => {
      const picky = await startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] })
      expect(await attempt(settingsFor(picky))).toMatchObject({
        code: 'SSH_NO_COMMON_ALGORITHM',
        message: expect.stringContaining('no matching key exchange algorithm'),
      })
      await picky.stop()
    })
  })

  it('does not follow a file that is a secret into an error', async () => {
    const path = join(sshd.folder, 'torn')
    writeFileSync(path, readFileSync(join(sshd.folder, 'id'), 'utf8').slice(0, 200))
    chmodSync(path, 0o600)
    const refusal = await attempt(settingsFor(sshd, { identityFile: [path] }))
    expect(JSON.stringify(refusal)).not.toContain(readFileSync(path, 'utf8').split('\n')[1])
    rmSync(path)
    expect(existsSync(path)).toBe(false)
  })
})

describeWith(['sshd', 'keygen'], 'bastion', () => {
  let target: Sshd
  let jump: Sshd
  beforeAll(async () => {
    target = await startSshd()
    jump = await startSshd({ config: ['AllowTcpForwarding yes'] })
  })
  afterAll(() => Promise.all([target.stop(), jump.stop()]))

  it('carries many hosts over one connection', async () => {
    const bastion = settingsFor(jump)
    const by = dialer()
    const before = jump.connections()
    const logins = Array.from({ length: 12 }, () => attempt(settingsFor(target, { bastion }), by))
    expect(new Set(await Promise.all(logins))).toEqual(new Set(['ok']))
    await expect.poll(() => jump.connections()).toBe(before + 1)
    by.close()
  })

  it('is opened again after its link was lost', async () => {
    const link = await startLink(jump.port)
    const bastion = settingsFor(jump, { port: link.port, strictHostKeyChecking: 'off' })
    const by = dialer()
    const connection = await by.dial(settingsFor(target, { bastion }))
    link.cut()
    await new Promise((resolve) => connection.lost.addEventListener('abort', resolve))
    expect(await attempt(settingsFor(target, { bastion }), by)).toBe('ok')
    by.close()
    await link.close()
  })

  it('says which hop failed', async () => {
    const stranger = join(target.folder, 'stranger')
    keygen(stranger)
    const bastion = settingsFor(jump)
    const throughWrong = settingsFor(target, { bastion: { ...bastion, identityFile: [stranger] } })
    const by = dialer()
    const before = jump.connections()
    for (let host = 0; host < 3; host++) {
      expect(await attempt(throughWrong, by)).toMatchObject({
        code: 'SSH_AUTH',
        message: expect.stringMatching(new RegExp(`^bastion \\S+:${jump.port}: login refused`)),
      })
    }
    await expect.poll(() => jump.connections()).toBe(before + 1)
    expect(await attempt(settingsFor(target, { bastion, identityFile: [stranger] }))).toMatchObject({
      code: 'SSH_AUTH',
      message: expect.stringMatching(new RegExp(`^\\S+:${target.port} via \\S+:${jump.port}: login refused`)),
    })
    const port = await freePort()
    expect(await attempt(settingsFor(target, { bastion, port }))).toMatchObject({
      code: 'SSH_REFUSED',
      message: expect.stringContaining('the bastion does not get through: '),
    })
  })

  it('says that it may not forward', async () => {
    const closed = await startSshd({ config: ['AllowTcpForwarding no'] })
    expect(await attempt(settingsFor(target, { bastion: settingsFor(closed) }))).toMatchObject({
      code: 'SSH_FORWARDING',
      message: expect.not.stringMatching(/: ?$/),
    })
    await closed.stop()
  })
})
