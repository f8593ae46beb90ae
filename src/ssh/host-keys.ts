import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { HostVerifier, ServerHostKeyAlgorithm } from 'ssh2'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'
import type { SshHop } from '../inventory/types.js'
import {
  fingerprint,
  hostKeyAlgorithms,
  judgeHostKey,
  type KnownKey,
  keyType,
  knownName,
  lookup,
  parseKnownHosts,
} from './known-hosts.js'
import { indexKnownHosts, isHashed, type KnownHostsIndex } from './known-hosts-index.js'

/** Above this many hashed lines a fleet feels them: 7 µs for each line and host. */
const manyHashed = 2000

/** The known_hosts files of a run: read once, appended to by accept-new, never rewritten. */
export interface HostKeys {
  /** Host key algorithms to ask the server for, best first. */
  algorithms(hop: SshHop): ServerHostKeyAlgorithm[]
  /**
   * Passes the key that a server offered, by returning.
   * @throws YurtSshError SSH_HOST_KEY_UNKNOWN, SSH_HOST_KEY_CHANGED, SSH_HOST_KEY_REVOKED, SSH_KNOWN_HOSTS
   */
  check(hop: SshHop, blob: Buffer): 'trusted'
}

/** Opens the known_hosts files as connections need them; `tell` gets a line for the operator. */
export function createHostKeys(tell: (text: string) => void = () => undefined): HostKeys {
  const files = new Map<string, KnownHostsIndex>()
  const told = new Set<string>()

  function read(file: string): KnownHostsIndex {
    const keys = parseKnownHosts(readKnownHosts(file), file)
    const hashed = keys.filter(isHashed).length
    if (hashed > manyHashed && !told.has(file)) {
      told.add(file)
      tell(
        `${file} has ${hashed} hashed names, and each host is compared with all of them: plain names are faster`,
      )
    }
    return indexKnownHosts(keys)
  }

  function keysOf(hop: SshHop): KnownKey[] {
    return hop.knownHosts.flatMap((file) => {
      const find = files.get(file) ?? read(file)
      files.set(file, find)
      return find(hop.address, hop.port)
    })
  }

  return {
    algorithms: (hop) => hostKeyAlgorithms(keysOf(hop), hop),
    check(hop, blob) {
      const keys = keysOf(hop)
      const verdict = judgeHostKey(keys, hop, blob)
      if (verdict === 'match') return 'trusted'
      if (verdict === 'revoked') throw revoked(blob)
      if (hop.strictHostKeyChecking === 'off') return 'trusted'
      if (verdict !== 'unknown') throw changed(verdict.changed, blob)
      const authority = lookup(keys, hop.address, hop.port).find(({ marker }) => marker === 'cert-authority')
      if (authority !== undefined) throw certificateOnly(authority, hop, blob)
      if (hop.strictHostKeyChecking === 'strict') throw unknown(hop, blob)
      files.delete(remember(hop, blob))
      return 'trusted'
    },
  }
}

function readKnownHosts(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return ''
    throw fileError('SSH_KNOWN_HOSTS', file, 'read', cause)
  }
}

/** Appends the key to the first known_hosts file. Synchronous, so that there is one writer at a time; returns the file. */
function remember(hop: SshHop, blob: Buffer): string {
  const [file] = hop.knownHosts
  if (file === undefined)
    throw new YurtSshError('SSH_KNOWN_HOSTS', 'accept-new needs a knownHosts file to record keys in')
  const text = readKnownHosts(file)
  const start = text === '' || text.endsWith('\n') ? '' : '\n'
  const line = `${knownName(hop.address, hop.port)} ${keyType(blob)} ${blob.toString('base64')}\n`
  try {
    // One level, as OpenSSH does; and Node's recursive mkdir never ends in /proc (Node 20).
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { mode: 0o700 })
    appendFileSync(file, start + line, { mode: 0o600 })
  } catch (cause) {
    throw fileError('SSH_KNOWN_HOSTS', file, 'written', cause)
  }
  return file
}

/**
 * ssh2 takes every answer but the exact value `false` as a yes, a Promise too. This verifier says yes only after `check`
 * returned exactly `trusted`, and hands what it threw to `refused`.
 */
export function closedVerifier(
  check: (blob: Buffer) => unknown,
  refused: (error: unknown) => void,
): HostVerifier {
  return (blob, answer) => {
    let trusted = false
    try {
      trusted = check(blob) === 'trusted'
    } catch (error) {
      refused(error)
    }
    answer(trusted)
  }
}

const named = (blob: Buffer) => `${keyType(blob)} ${fingerprint(blob)}`

const compare = 'compare it with `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` on the host itself'

function unknown(hop: SshHop, blob: Buffer): YurtSshError {
  const file = hop.knownHosts[0] ?? 'a knownHosts file'
  return new YurtSshError('SSH_HOST_KEY_UNKNOWN', `its host key is not known: ${named(blob)}`, {
    hint: `${compare}, then \`ssh-keyscan -p ${hop.port} ${hop.address} >> ${file}\`, or strictHostKeyChecking: accept-new`,
  })
}

function certificateOnly({ file, line }: KnownKey, { port, address }: SshHop, blob: Buffer): YurtSshError {
  return new YurtSshError(
    'SSH_HOST_KEY_UNKNOWN',
    `${file}:${line} trusts it by a certificate authority, which is not supported; its host key is ${named(blob)}`,
    { hint: `${compare}, then record the key itself: \`ssh-keyscan -p ${port} ${address} >> ${file}\`` },
  )
}

function changed(known: KnownKey, blob: Buffer): YurtSshError {
  const place = `${known.file}:${known.line}`
  return new YurtSshError(
    'SSH_HOST_KEY_CHANGED',
    `its host key is ${named(blob)}, but ${place} has ${named(known.blob)}`,
    {
      hint: `it was reinstalled, or someone stands in between: ${compare}; only when it is right, replace ${place}`,
    },
  )
}

function revoked(blob: Buffer): YurtSshError {
  return new YurtSshError('SSH_HOST_KEY_REVOKED', `its host key is marked @revoked: ${named(blob)}`, {
    hint: 'someone knows this private key: give the host a new one',
  })
}
