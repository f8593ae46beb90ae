import { messageOf, YurtSshError } from '../errors.js'
import type { Host } from '../inventory/types.js'
import type { Dialer } from './bastion.js'
import type { Connection } from './connect.js'
import { withDeadline } from './deadline.js'
import { restated } from './failures.js'
import { createShell, type Shell } from './shell.js'
import type { HostSession, ScriptResult } from './types.js'

/** A session that tells when it is gone. */
export interface OpenSession extends HostSession {
  /** Aborted when the session is gone; the reason says why, in words. */
  readonly lost: AbortSignal
}

/**
 * Connects to a host and starts a root shell there: one exec channel, whose command is plain words to any login shell.
 * @throws YurtSshError as `dial` does, and HOST_SHELL (no shell), HOST_SUDO (no sudo, or not without a password),
 * HOST_NOT_ROOT
 */
export async function openSession(host: Host, dialer: Dialer, signal?: AbortSignal): Promise<OpenSession> {
  const inHost = <T>(work: Promise<T>) =>
    work.catch((error: unknown): never => {
      throw error instanceof YurtSshError ? restated(error, { host: host.name }) : error
    })
  const connection = await inHost(dialer.dial(host.ssh))
  const timeout = () =>
    new YurtSshError('SSH_TIMEOUT', `no shell within ${host.ssh.connectTimeout} s of the login`)
  try {
    const deadline = { seconds: host.ssh.connectTimeout, signal, timeout }
    const shell = await inHost(withDeadline(deadline, () => openRootShell(host, connection)))
    return {
      host: host.name,
      lost: shell.lost,
      run: (script, options) => inHost(shell.run(script, options)),
      close: () => shell.end('closed by this run'),
    }
  } catch (error) {
    connection.close()
    throw error
  }
}

async function openRootShell({ ssh }: Host, connection: Connection): Promise<Shell> {
  const shell = await startShell(connection, ssh.user === 'root' ? 'sh -s' : 'sudo -n sh -s')
  connection.lost.addEventListener('abort', () => shell.end(String(connection.lost.reason)), { once: true })
  shell.lost.addEventListener('abort', () => connection.close(), { once: true })
  try {
    const probe = await shell.run('id -u', { timeoutSeconds: ssh.connectTimeout })
    if (probe.stdout.trim() !== '0') throw notRoot(ssh.user, probe)
    return shell
  } catch (error) {
    const status = shell.exitStatus()
    if (status === undefined || !(error instanceof YurtSshError)) throw error
    const words = `${shell.noise()}\n${error.detail ?? ''}`.trim()
    throw ssh.user === 'root' ? noShell(status, words) : noSudo(ssh.user, status, words)
  }
}

/** The shell listens from the very callback on: what follows in the same packet, such as an exit status, is lost later. */
function startShell({ client, lost }: Connection, command: string): Promise<Shell> {
  return new Promise((resolve, reject) => {
    const gone = (why: string) =>
      new YurtSshError('SSH_LOST', `connection lost before the shell started: ${why}`)
    if (lost.aborted) throw gone(String(lost.reason))
    client.exec(command, (error, channel) =>
      error ? reject(gone(messageOf(error))) : resolve(createShell(channel)),
    )
  })
}

function noShell(status: number, detail: string): YurtSshError {
  return new YurtSshError('HOST_SHELL', `no shell: \`sh -s\` ended with ${status}`, {
    detail,
    hint: 'is the login shell one that runs commands, and is there no forced command on this key?',
  })
}

const sudoWords: readonly [RegExp, string, string][] = [
  [/password is required|terminal is required/, 'sudo needs a password', 'NOPASSWD for this user in sudoers'],
  [/must have a tty/, 'sudo wants a terminal', '`Defaults:USER !requiretty` in sudoers'],
  [
    /not in the sudoers|not allowed|may not run/,
    'sudo does not allow it',
    'allow this user `sh` as root in sudoers',
  ],
  [/not found|unknown command|no such file/i, 'there is no sudo', 'install sudo, or log in as root'],
]

function noSudo(user: string, status: number, detail: string): YurtSshError {
  const known = sudoWords.find(([pattern]) => pattern.test(detail))
  const [, what, hint] = known ?? [undefined, `\`sudo -n sh -s\` ended with ${status}`, 'try it on the host']
  return new YurtSshError('HOST_SUDO', `${user} does not become root: ${what}`, { detail, hint })
}

function notRoot(user: string, { stdout, stderr }: ScriptResult): YurtSshError {
  const uid = stdout.trim() || 'unknown'
  return new YurtSshError('HOST_NOT_ROOT', `the shell that ${user} gets runs as uid ${uid}, not as 0`, {
    detail: stderr.trim(),
    hint:
      user === 'root'
        ? 'is root renamed on this host?'
        : 'does sudo run as another user there (runas_default)?',
  })
}
