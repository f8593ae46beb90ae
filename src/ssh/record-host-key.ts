import { createHmac, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'
import type { SshHop } from '../inventory/types.js'
import { keyType, knownName } from './known-hosts.js'

/** Locks are held for a moment; one that is older than this was left by a process that died. */
const staleMs = 2000

/** The text of a known_hosts file, '' when it is not there. @throws YurtSshError SSH_KNOWN_HOSTS */
export function readKnownHosts(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return ''
    throw fileError('SSH_KNOWN_HOSTS', file, 'read', cause)
  }
}

/**
 * Appends the key to the hop's first known_hosts file, unless `isKnown` says that another run did so meanwhile. One writer
 * at a time: synchronous within a run, by a lock file between runs. OpenSSH takes no such lock, but appends whole lines too.
 * @throws YurtSshError SSH_KNOWN_HOSTS
 */
export function recordHostKey(hop: SshHop, blob: Buffer, isKnown: () => boolean): void {
  const [file] = hop.knownHosts
  if (file === undefined)
    throw new YurtSshError('SSH_KNOWN_HOSTS', 'accept-new needs a knownHosts file to record keys in')
  try {
    // One level, as OpenSSH does; and Node's recursive mkdir never ends in /proc (Node 20).
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { mode: 0o700 })
    locked(file, () => {
      if (isKnown()) return
      const text = readKnownHosts(file)
      const start = text === '' || text.endsWith('\n') ? '' : '\n'
      const line = `${nameOf(hop)} ${keyType(blob)} ${blob.toString('base64')}\n`
      appendFileSync(file, start + line, { mode: 0o600 })
    })
  } catch (cause) {
    if (cause instanceof YurtSshError) throw cause
    throw fileError('SSH_KNOWN_HOSTS', file, 'written', cause)
  }
}

/** The name as ssh would write it, hashed where ssh_config says so. */
function nameOf({ address, port, hashKnownHosts = false }: SshHop): string {
  const name = knownName(address, port)
  if (!hashKnownHosts) return name
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

function locked(file: string, work: () => void): void {
  // Nothing to lock in /dev/null, and nobody may want a file beside it.
  const lock = existsSync(file) && !statSync(file).isFile() ? undefined : `${file}.yurt-ssh-lock`
  while (lock !== undefined && !take(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  try {
    work()
  } finally {
    if (lock !== undefined) rmSync(lock, { force: true })
  }
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600))
    return true
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause
  }
  const left = statSync(lock, { throwIfNoEntry: false })
  // of the future too: a clock that was set back must not make a lock eternal
  if (left !== undefined && Math.abs(Date.now() - left.mtimeMs) > staleMs) rmSync(lock, { force: true })
  return false
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
