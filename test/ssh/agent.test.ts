import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDialer } from '../../src/ssh/bastion.js'
import { createHostKeys } from '../../src/ssh/host-keys.js'
import { createIdentities } from '../../src/ssh/identities.js'
import { createPool } from '../../src/ssh/pool.js'
import { createSecrets } from '../../src/ssh/secrets.js'
import { createTrials } from '../../src/ssh/trials.js'
import { describeWith, hostWith, keygen, type Sshd, settingsFor, startSshd } from '../support/sshd.js'

/** An agent that accepts and then says nothing, or only what it holds; what is still connected to it. */
interface Silent {
  socket: string
  asked(): number
  open(): number
  close(): void
}

async function startSilent(folder: string, answer?: Buffer): Promise<Silent> {
  const socket = join(folder, `agent-${answer === undefined ? 'deaf' : 'mute'}`)
  const connections = new Set<Socket>()
  let asked = 0
  const server: Server = createServer((connection) => {
    asked++
    connections.add(connection)
    connection.on('close', () => connections.delete(connection)).on('error', () => undefined)
    connection.on('data', (request) => {
      if (answer !== undefined && request[4] === 11) connection.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    socket,
    asked: () => asked,
    open: () => connections.size,
    close() {
      for (const connection of connections) connection.destroy()
      server.close()
    },
  }
}

/** SSH_AGENT_IDENTITIES_ANSWER with one key. */
function holding(publicKey: string): Buffer {
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
  return field(Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), field(blob), field(Buffer.from('test'))]))
}

describeWith(['sshd', 'keygen'], 'an agent', () => {
  let sshd: Sshd
  let folder: string
  beforeAll(async () => {
    sshd = await startSshd()
    folder = mkdtempSync(join(tmpdir(), 'agent-'))
  })
  afterAll(async () => {
    await sshd.stop()
    rmSync(folder, { recursive: true })
  })

  it('that never answers is waited for once, let go of, and not asked where no key of it is wanted', async () => {
    const silent = await startSilent(folder)
    const identities = createIdentities({
      agent: silent.socket,
      secrets: createSecrets(async () => '', {}),
      trials: createTrials(),
    })
    const alone = settingsFor(sshd)
    expect((await identities.offer(alone, 'me')).tried).toEqual([`${sshd.folder}/id (ssh-ed25519)`])
    expect(silent.asked()).toBe(0)
    for (let host = 0; host < 2; host++)
      expect((await identities.offer({ ...alone, identitiesOnly: false }, 'me')).tried).toContain(
        'the agent (it does not answer)',
      )
    expect(silent.asked()).toBe(1)
    await expect.poll(silent.open).toBe(0)
    silent.close()
  }, 30_000)

  it('that does not sign is said to, and let go of', async () => {
    const silent = await startSilent(folder, holding(keygen(join(folder, 'other'))))
    writeFileSync(join(sshd.folder, 'authorized_keys'), execFileSync('cat', [join(folder, 'other.pub')]))
    const dialer = createDialer({
      credentials: {
        identities: createIdentities({
          agent: silent.socket,
          secrets: createSecrets(async () => '', {}),
          trials: createTrials(),
        }),
        hostKeys: createHostKeys(),
      },
      maxStarts: 5,
      signal: new AbortController().signal,
    })
    const settings = settingsFor(sshd, { identityFile: [], identitiesOnly: false, connectTimeout: 2 })
    await expect(dialer.dial(settings)).rejects.toMatchObject({
      code: 'SSH_AUTH',
      message: expect.stringContaining('offered the agent (1 keys), but the agent did not sign'),
    })
    await expect.poll(silent.open).toBe(0)
    silent.close()
  })

  it.each(['', '/nonexistent', '22', __filename])('at %j is none', async (SSH_AUTH_SOCK) => {
    const before = process.env.SSH_AUTH_SOCK
    process.env.SSH_AUTH_SOCK = SSH_AUTH_SOCK
    const pool = createPool()
    const settings = settingsFor(sshd, { identityFile: [], identitiesOnly: false })
    await expect(pool.session(hostWith(settings))).rejects.toMatchObject({
      code: 'SSH_AUTH',
      message: expect.stringMatching(
        SSH_AUTH_SOCK === '' ? /there was no key to offer/ : /the agent \(it does not answer\)/,
      ),
    })
    pool.close()
    if (before === undefined) delete process.env.SSH_AUTH_SOCK
    else process.env.SSH_AUTH_SOCK = before
  })
})
