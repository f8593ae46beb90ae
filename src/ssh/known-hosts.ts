import { createHash, createHmac } from 'node:crypto'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { matchesPatterns } from '../inventory/pattern.js'

/** One line of a known_hosts file. */
export interface KnownKey {
  file: string
  /** Counts from 1. */
  line: number
  marker?: 'revoked' | 'cert-authority'
  /** The first field as written: patterns joined by commas, or one hashed name. */
  names: string
  /** Type as the key itself states it, such as `ssh-ed25519`. */
  type: string
  /** The public key in wire format, the form in which a server offers it. */
  blob: Buffer
}

/** What the stored keys say about a key that a server offers; `changed` is the stored key that it contradicts. */
export type Verdict = 'match' | 'unknown' | 'revoked' | { changed: KnownKey }

/** The keys of a known_hosts file; lines that OpenSSH would not understand either are left out (sshd(8), known_hosts). */
export function parseKnownHosts(text: string, file: string): KnownKey[] {
  return text.split('\n').flatMap((line, index) => parseLine(line, file, index + 1) ?? [])
}

function parseLine(text: string, file: string, line: number): KnownKey | undefined {
  // not `trim`, which takes a byte order mark for a blank: to ssh it is part of the name
  const fields = text.replace(/^[ \t]+|[ \t\r]+$/g, '').split(/[ \t]+/)
  const marker = fields[0]?.startsWith('@') ? fields.shift()?.slice(1) : undefined
  const [names, type, base64] = fields
  if (!names || names.startsWith('#') || !type || !base64) return undefined
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return undefined
  const blob = Buffer.from(base64, 'base64')
  // Node passes over what is no base64; a line that revokes is better read too well than not at all
  if (marker !== 'revoked' && !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  if (keyType(blob) !== type) return undefined
  return { file, line, ...(marker && { marker }), names, type, blob }
}

/** The type that a public key in wire format states, such as `ssh-ed25519`; empty when it is not a key. */
export function keyType(blob: Buffer): string {
  return blob.length < 4 ? '' : blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))
}

/** The fingerprint of a public key as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** The name under which known_hosts files keep a host: the port appears only when it is not 22. */
export function knownName(address: string, port: number): string {
  const name = address.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** All lines that speak of this host, marked ones too. */
export function lookup(keys: readonly KnownKey[], address: string, port: number): KnownKey[] {
  const name = knownName(address, port)
  return keys.filter(({ names }) =>
    names.startsWith('|') ? isHashOf(names, name) : matchesPatterns(names.toLowerCase().split(','), name),
  )
}

/** `|1|salt|hash`, the hash being HMAC-SHA1 of the name (HashKnownHosts). */
export function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash] = hashed.split('|')
  return (
    version === '1' && createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
  )
}

/**
 * Judges the key that a server offers. A host for which other keys are stored, of whatever type, counts as changed:
 * OpenSSH calls a key of a new type unknown, which accept-new would then trust. Like OpenSSH, a key known for the
 * address on port 22 is trusted on a port that no key is stored for; hosts behind one address differ by port.
 */
export function judgeHostKey(
  keys: readonly KnownKey[],
  host: { address: string; port: number },
  offered: Buffer,
): Verdict {
  const own = lookup(keys, host.address, host.port)
  const standard = lookup(keys, host.address, 22)
  const isOffered = ({ blob }: KnownKey): boolean => blob.equals(offered)
  if ([...own, ...standard].some((key) => key.marker === 'revoked' && isOffered(key))) return 'revoked'
  const plain = own.filter(({ marker }) => marker === undefined)
  const trusted = plain.length > 0 ? plain : standard.filter(({ marker }) => marker === undefined)
  if (trusted.some(isOffered)) return 'match'
  const changed = plain.find(({ type }) => type === keyType(offered)) ?? plain[0]
  return changed === undefined ? 'unknown' : { changed }
}

/** ssh2's own list without `ssh-rsa`, whose signatures are SHA-1. */
const algorithmsByType: readonly [string, ServerHostKeyAlgorithm[]][] = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]

/**
 * The order in which to ask for host keys: the types stored for this host first, as OpenSSH does. Otherwise a server with
 * an RSA key on record would offer its ed25519 key and look changed.
 */
export function hostKeyAlgorithms(
  keys: readonly KnownKey[],
  host: { address: string; port: number },
): ServerHostKeyAlgorithm[] {
  const own = lookup(keys, host.address, host.port)
  const stored = (own.length > 0 ? own : lookup(keys, host.address, 22)).filter(
    ({ marker }) => marker === undefined,
  )
  const isStored = ([type]: (typeof algorithmsByType)[number]) => stored.some((key) => key.type === type)
  const ordered = [
    ...algorithmsByType.filter(isStored),
    ...algorithmsByType.filter((entry) => !isStored(entry)),
  ]
  return ordered.flatMap(([, algorithms]) => algorithms)
}
