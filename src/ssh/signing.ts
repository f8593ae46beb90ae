import { createPrivateKey, sign } from 'node:crypto'
import type { ParsedKey, SigningRequestOptions } from 'ssh2'

/**
 * The key, signing by a key object. ssh2 hands Node the PEM for every signature, and parsing it takes ten times as long as
 * an ed25519 signature itself.
 */
export function quickSigner(key: ParsedKey): ParsedKey {
  if (key.type !== 'ssh-ed25519') return key
  const object = createPrivateKey(key.getPrivatePEM())
  return Object.assign(Object.create(key) as ParsedKey, {
    sign: (data: Buffer | string) => sign(null, Buffer.from(data as Buffer), object),
  })
}

const sha512 = 'rsa-sha2-512'

/**
 * An RSA key under the name of its other signature. Of the two with SHA-2, ssh2 takes SHA-256 wherever a server knows it,
 * whether it lets users log in by it or not; what has another name it leaves alone.
 */
export function bySha512(key: ParsedKey): ParsedKey {
  return Object.assign(Object.create(key) as ParsedKey, {
    type: sha512,
    sign: (data: Buffer | string) => key.sign(data, 'sha512'),
  })
}

/** How an agent is to sign by a key. */
export function hashOf(key: ParsedKey, options: SigningRequestOptions): SigningRequestOptions {
  return String(key.type) === sha512 ? { ...options, hash: 'sha512' } : options
}
