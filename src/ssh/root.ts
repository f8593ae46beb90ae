import { randomBytes } from 'node:crypto'
import { systemWords } from '../errors/system.js'
import { YurtSshError } from '../errors.js'
import type { SshSettings } from '../inventory/types.js'
import type { Connection } from './connect.js'
import { withDeadline } from './deadline.js'
import { hopName } from './hop-name.js'
import { becameNobody, noRoot, noSession, wrongPassword } from './root-failures.js'
import { type Secrets, sourceName } from './secrets.js'
import { createShell, type Shell, type ShellOptions } from './shell.js'
import { plainSudo, sudoDialogue } from './sudo.js'
import type { Trial } from './trials.js'

export interface RootOptions {
  secrets: Secrets
  trials: (id: string) => Trial
  signal?: AbortSignal | undefined
}

/**
 * A root shell over a connection: as root itself, by sudo without a password, and only where that is not enough with one.
 * A terminal is asked for only where sudo wants it.
 * @throws YurtSshError SSH_HOST_KEY_CHANGED where only a password would do, HOST_SHELL, HOST_SUDO, HOST_NOT_ROOT, SSH_SESSIONS, SSH_LOST, SSH_TIMEOUT, SSH_SECRET
 */
export async function openRootShell(
  ssh: SshSettings,
  connection: Connection,
  { secrets, trials, signal }: RootOptions,
): Promise<Shell> {
  const within = <T>(work: () => Promise<T>): Promise<T> =>
    withDeadline({ seconds: ssh.connectTimeout, signal, timeout: () => noShellInTime(ssh) }, work)
  const plain = (become: string) => within(() => announcedShell(ssh, connection, become))
  const talk = (terminal: boolean, password?: string) =>
    within(() => talkToSudo(ssh, connection, { terminal, password }))
  if (ssh.user === 'root') return plain('')
  let terminal = false
  try {
    return await plain(`${plainSudo} `)
  } catch (error) {
    terminal = wantsTerminal(error)
    if (!terminal && (!wantsPassword(error) || ssh.sudoPassword === undefined)) throw error
  }
  if (terminal) {
    try {
      return await talk(true)
    } catch (error) {
      if (!wantsPassword(error) || ssh.sudoPassword === undefined) throw error
    }
  }
  if (connection.doubt !== undefined) throw connection.doubt
  const { sudoPassword: source = 'ask' } = ssh
  const trial = trials(`sudo ${ssh.user} ${JSON.stringify(source)}`)
  trial.mustBeFree(hopName(ssh))
  // Outside of the deadline: nobody types a password in a hurry.
  const password = await secrets.get(source, 'sudo password, for every host that asks for one')
  return trial.run(hopName(ssh), () => talk(terminal, password))
}

/**
 * A shell that says by itself whose it is, in the packet that says that it runs: to ask it would be another round trip.
 * The words are plain enough for any login shell: none expands anything between single quotes.
 */
async function announcedShell(ssh: SshSettings, connection: Connection, become: string): Promise<Shell> {
  const nonce = randomBytes(12).toString('hex')
  let output = ''
  let heard: () => void = () => undefined
  const onNoise: ShellOptions['onNoise'] = (stream, text) => {
    if (stream === 'stdout') output += text
    heard()
  }
  const announcement = new RegExp(`${nonce} (.*)\n`)
  const uid = () => announcement.exec(output)?.[1]
  const shell = await startShell(connection, `${become}sh -c 'echo ${nonce} $(id -u); exec sh -s'`, {
    onNoise,
  })
  await new Promise<void>((resolve) => {
    heard = () => {
      if (uid() !== undefined || shell.lost.aborted) resolve()
    }
    shell.lost.addEventListener('abort', heard, { once: true })
    heard()
  })
  const found = uid()
  if (found === '0') return shell
  const { reason } = shell.lost
  shell.end('it is not root')
  if (found !== undefined) throw becameNobody(ssh.user, found, shell.noise())
  if (shell.exitStatus() !== undefined) throw noRoot(ssh.user, shell.exitStatus(), shell.noise())
  throw lostBefore(String(reason))
}

const wantsTerminal = (error: unknown) => isSudoFailure(error, /must have a tty/)
const wantsPassword = (error: unknown) => isSudoFailure(error, /password is required|terminal is required/)

function isSudoFailure(error: unknown, words: RegExp): boolean {
  return error instanceof YurtSshError && error.code === 'HOST_SUDO' && words.test(error.detail ?? '')
}

/** A root shell by words to and fro with sudo; the shell has announced itself before anything else is said to it. */
async function talkToSudo(
  ssh: SshSettings,
  connection: Connection,
  { terminal, password }: { terminal: boolean; password: string | undefined },
): Promise<Shell> {
  const dialogue = sudoDialogue(terminal, password !== undefined)
  let heard: () => void = () => undefined
  const onNoise: ShellOptions['onNoise'] = (stream, text) => {
    dialogue.onNoise(stream, text)
    heard()
  }
  // What arrives with the shell itself is heard before there is a shell to answer by.
  const shell = await startShell(connection, dialogue.command, { merged: terminal, onNoise })
  await new Promise<void>((resolve) => {
    let answered = false
    heard = () => {
      const stage = dialogue.stage()
      if (stage === 'root' || stage === 'refused') resolve()
      if (stage !== 'asked' || answered || password === undefined) return
      answered = true
      shell.say(password)
    }
    shell.lost.addEventListener('abort', () => resolve(), { once: true })
    heard()
  })
  if (dialogue.stage() === 'root') return proven(ssh, shell)
  const words = password === undefined ? shell.noise() : shell.noise().replaceAll(password, '…')
  const isWrong =
    password !== undefined && (dialogue.stage() === 'refused' || /try again|incorrect password/.test(words))
  shell.end('sudo was given up')
  throw isWrong
    ? wrongPassword(ssh.user, sourceName(ssh.sudoPassword ?? 'ask'), words)
    : noRoot(ssh.user, shell.exitStatus(), words)
}

/** The shell, once it has shown that it is root's. */
async function proven(ssh: SshSettings, shell: Shell): Promise<Shell> {
  try {
    const probe = await shell.run('id -u', { timeoutSeconds: ssh.connectTimeout })
    if (probe.stdout.trim() !== '0') throw becameNobody(ssh.user, probe.stdout, probe.stderr)
    return shell
  } catch (error) {
    const status = shell.exitStatus()
    if (status === undefined || !(error instanceof YurtSshError)) throw error
    throw noRoot(ssh.user, status, `${shell.noise()}\n${error.detail ?? ''}`.trim())
  }
}

/** The shell listens from the very callback on: what follows in the same packet, such as an exit status, is lost later. */
function startShell({ client, lost }: Connection, command: string, options: ShellOptions): Promise<Shell> {
  return new Promise((resolve, reject) => {
    if (lost.aborted) throw lostBefore(String(lost.reason))
    client.exec(command, options.merged ? { pty: true } : {}, (error, channel) => {
      if (error)
        reject(
          /channel open failure/i.test(error.message) ? noSession(error) : lostBefore(systemWords(error)),
        )
      else resolve(createShell(channel, options))
    })
  })
}

function lostBefore(why: string): YurtSshError {
  return new YurtSshError('SSH_LOST', `connection lost before the shell started: ${why}`)
}

function noShellInTime({ connectTimeout }: SshSettings): YurtSshError {
  return new YurtSshError('SSH_TIMEOUT', `no shell within ${connectTimeout} s of the login`, {
    hint: 'does its login shell, a forced command or sudo wait for something?',
  })
}
