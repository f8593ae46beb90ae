import { accessSync, constants } from 'node:fs'
import type { HostVerifier, ServerHostKeyAlgorithm } from 'ssh2'
import { YurtSshError } from '../errors.js'
import type { SshHop } from '../inventory/types.js'
import {
  fingerprint,
  hostKeyAlgorithms,
  judgeHostKey,
  type KnownKey,
  keyType,
  lookup,
  parseKnownHosts,
} from './known-hosts.js'
import { indexKnownHosts, isHashed, type KnownHostsIndex } from './known-hosts-index.js'
import { readKnownHosts, recordHostKey } from './record-host-key.js'

const systemFiles = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']

/** Of files that nobody has named here, those that this user may read: ssh passes over the others too. */
function readable(files: readonly string[]): string[] {
  return files.filter((file) => {
    try {
      accessSync(file, constants.R_OK)
      return true
    } catch {
      return false
    }
  })
}

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
  check(hop: SshHop, blob: Buffer, offer?: HostKeyOffer): 'trusted'
  /** Whether some key is revoked for this hop: it may be that of an authority. */
  hasRevoked(hop: SshHop): boolean
}

export interface HostKeyOffer {
  /** Gets why the hop is to have no password although its key is trusted. */
  doubt?: (why: YurtSshError) => void
  /** Whether it has a certificate for its key, which is never seen here. */
  certified?: boolean
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

  /** In the system's files keys may be revoked whatever files an inventory names. */
  function revokedFor(hop: SshHop): KnownKey[] {
    const keys = keysOf({ ...hop, knownHosts: [...new Set([...hop.knownHosts, ...readable(systemFiles)])] })
    return [22, hop.port]
      .flatMap((port) => lookup(keys, hop.address, port))
      .filter(({ marker }) => marker === 'revoked')
  }

  function check(hop: SshHop, blob: Buffer, { doubt, certified = false }: HostKeyOffer = {}): 'trusted' {
    const keys = keysOf(hop)
    const verdict = judgeHostKey(keys, hop, blob)
    const revokedKeys = revokedFor(hop)
    const [anyRevoked] = revokedKeys
    if (verdict === 'revoked' || revokedKeys.some((key) => key.blob.equals(blob))) throw revoked(blob)
    if (certified && anyRevoked !== undefined) throw maybeRevoked(anyRevoked, blob)
    if (verdict === 'match') return 'trusted'
    if (hop.strictHostKeyChecking === 'off') {
      if (verdict !== 'unknown') doubt?.(noPassword(verdict.changed, blob))
      return 'trusted'
    }
    if (verdict !== 'unknown') throw changed(verdict.changed, blob)
    const authority = lookup(keys, hop.address, hop.port).find(({ marker }) => marker === 'cert-authority')
    if (authority !== undefined) throw certificateOnly(authority, hop, blob)
    if (hop.strictHostKeyChecking === 'strict') throw unknown(hop, blob)
    recordHostKey(hop, blob, () => {
      hop.knownHosts.forEach((file) => void files.delete(file))
      const now = judgeHostKey(keysOf(hop), hop, blob)
      return now !== 'unknown' && check(hop, blob) === 'trusted'
    })
    hop.knownHosts.forEach((file) => void files.delete(file))
    return 'trusted'
  }

  return {
    algorithms: (hop) => hostKeyAlgorithms(keysOf(hop), hop),
    check,
    hasRevoked: (hop) => revokedFor(hop).length > 0,
  }
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

/** OpenSSH does without passwords too where it was told to trust a key that has changed: whoever is in between would get them. */
function noPassword(known: KnownKey, blob: Buffer): YurtSshError {
  const { code, message, hint = '' } = changed(known, blob)
  return new YurtSshError(code, `it gets no password, for ${message}`, { hint })
}

function revoked(blob: Buffer): YurtSshError {
  return new YurtSshError('SSH_HOST_KEY_REVOKED', `its host key is marked @revoked: ${named(blob)}`, {
    hint: 'someone knows this private key: give the host a new one',
  })
}

/** The certificate of a host is not seen here, and ssh refuses one whose authority is revoked, whatever else is known. */
function maybeRevoked({ file, line }: KnownKey, blob: Buffer): YurtSshError {
  return new YurtSshError(
    'SSH_HOST_KEY_REVOKED',
    `it has a certificate, and ${file}:${line} revokes a key that may be its authority's; its host key is ${named(blob)}`,
    {
      hint: 'if that line is about other hosts, write their names in it; else give the host a certificate of another authority, or none',
    },
  )
}
