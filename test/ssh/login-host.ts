import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { Host } from '../../src/inventory/types.js'
import { createKey } from '../../src/lab/access.js'
import { hostWith } from '../support/sshd.js'

/** An SSH server in this process that hands commands to a login shell: for users and shells that this machine lacks. */
export interface LoginHost {
  readonly host: Host
  close(): void
}

export interface LoginOptions {
  user?: string
  /** The login shell; it gets `-c` and the command, as from sshd. */
  shell?: string
  /** Scripts by name, in front of PATH. */
  programs?: Record<string, string>
}

export async function startLoginHost({
  user = 'root',
  shell = 'sh',
  programs = {},
}: LoginOptions): Promise<LoginHost> {
  const folder = mkdtempSync(join(tmpdir(), 'login-host-'))
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const key = createKey('login-host')
  writeFileSync(join(folder, 'login-key'), key.private, { mode: 0o600 })
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => context.accept())
    client.on('session', (accept) => {
      const session = accept()
      // No terminal is made: a stand-in asks for one by other means.
      session.on('pty', (acceptPty) => acceptPty?.())
      session.on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec()
        const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
        const child = spawn(shell, ['-c', command], { env })
        channel.pipe(child.stdin).on('error', () => undefined)
        child.stdout.pipe(channel, { end: false })
        child.stderr.pipe(channel.stderr, { end: false })
        child.on('close', (status) => {
          channel.exit(status ?? 255)
          channel.end()
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const knownHosts = [join(folder, 'known_hosts')]
  const identityFile = [join(folder, 'login-key')]
  const ssh = {
    address: '127.0.0.1',
    port,
    user,
    identityFile,
    identitiesOnly: true,
    knownHosts,
    connectTimeout: 10,
  }
  return {
    host: hostWith({ ...ssh, strictHostKeyChecking: 'off' }),
    close() {
      server.close()
      rmSync(folder, { recursive: true })
    },
  }
}
