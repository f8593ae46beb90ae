import { existsSync, readFileSync, statSync } from 'node:fs'
import ssh2, { type ParsedKey } from 'ssh2'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'
import { quickSigner } from './signing.js'

/** A private key file as it stands on disk. */
export interface KeyFile {
  path: string
  /** Needed to offer the key; a file of an older format with a passphrase shows it only in its `.pub`. */
  public?: ParsedKey
  /** The key itself, where it needs no passphrase. */
  private?: ParsedKey
  /** A `.pub` file, for a key that is in the agent. */
  publicOnly: boolean
  /** Opens a key that has a passphrase; costs 0.2 s. @throws YurtSshError SSH_KEY: it is not that passphrase */
  unlock(passphrase: string): ParsedKey
}

/** @throws YurtSshError SSH_KEY: no such file, readable by others, not a key, or one of a hardware token */
export function readKeyFile(path: string): KeyFile {
  const text = readKey(path)
  if (/^sk-/.test(statedType(text))) throw hardwareKey(path)
  const parsed = parse(text)
  const unlock = (passphrase: string): ParsedKey => {
    const key = parse(text, passphrase)
    if (key instanceof Error) throw unusable(path, 'the passphrase does not open it')
    return quickSigner(key)
  }
  if (parsed instanceof Error) {
    if (!/passphrase/.test(parsed.message)) throw unusable(path, parsed.message, otherFormat(path, text))
    const known = publicPart(text) ?? publicKeyBeside(path)
    return { path, unlock, publicOnly: false, ...(known && { public: known }) }
  }
  if (!parsed.isPrivateKey()) return { path, unlock, publicOnly: true, public: parsed }
  return { path, unlock, publicOnly: false, public: parsed, private: quickSigner(parsed) }
}

function readKey(path: string): string {
  try {
    const { mode, uid } = statSync(path)
    const text = readFileSync(path, 'utf8')
    // As OpenSSH has it; a public key may be read by anybody.
    if ((mode & 0o077) !== 0 && uid === process.getuid?.() && text.includes('PRIVATE KEY')) {
      throw new YurtSshError('SSH_KEY', `private key ${path} can be read by others`, {
        hint: `chmod 600 ${path}`,
      })
    }
    return text
  } catch (cause) {
    if (cause instanceof YurtSshError) throw cause
    throw fileError('SSH_KEY', `private key ${path}`, 'read', cause)
  }
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  const [key] = [ssh2.utils.parseKey(text, passphrase)].flat()
  return key ?? new Error('it is empty')
}

/** The public key in clear in OpenSSH's own format (PROTOCOL.key): magic, cipher, kdf, its options, 1, public key. */
function publicBlob(text: string): Buffer | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(text)?.[1]
  const magic = 'openssh-key-v1\0'
  const bytes = Buffer.from(base64 ?? '', 'base64')
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined
  let at = magic.length
  try {
    for (let field = 0; field < 3; field++) at += 4 + bytes.readUInt32BE(at)
    const length = bytes.readUInt32BE(at + 4)
    return bytes.subarray(at + 8, at + 8 + length)
  } catch {
    return undefined
  }
}

function publicPart(text: string): ParsedKey | undefined {
  const blob = publicBlob(text)
  const key = blob && parse(`${typeOf(blob)} ${blob.toString('base64')}`)
  return key instanceof Error ? undefined : key
}

function typeOf(blob: Buffer): string {
  return blob.length < 4 ? '' : blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))
}

/** The type that a file states, whether ssh2 knows it or not. */
function statedType(text: string): string {
  const blob = publicBlob(text)
  return blob === undefined ? (text.split(' ')[0] ?? '') : typeOf(blob)
}

function publicKeyBeside(path: string): ParsedKey | undefined {
  if (!existsSync(`${path}.pub`)) return undefined
  const key = parse(readFileSync(`${path}.pub`, 'utf8'))
  return key instanceof Error ? undefined : key
}

function unusable(path: string, why: string, hint?: string): YurtSshError {
  return new YurtSshError(
    'SSH_KEY',
    `${path} is not a private key that can be used: ${why}`,
    hint === undefined ? {} : { hint },
  )
}

/** How to make a key of what other programs write: PKCS #8 of openssl and clouds, PuTTY's. */
function otherFormat(path: string, text: string): string | undefined {
  if (/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text))
    return `it is PKCS #8: \`ssh-keygen -p -f ${path}\` writes it anew as OpenSSH has it`
  if (text.startsWith('PuTTY-User-Key-File'))
    return `it is PuTTY's: \`puttygen ${path} -O private-openssh -o FILE\` writes it as OpenSSH has it`
  return undefined
}

function hardwareKey(path: string): YurtSshError {
  return new YurtSshError(
    'SSH_KEY',
    `${path} is the key of a hardware token (sk-…), which is not supported`,
    {
      hint: 'name another key in identityFile',
    },
  )
}
