import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readKeyFile } from '../../src/ssh/key-file.js'

const folder = mkdtempSync(join(tmpdir(), 'key-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const encoding = { type: 'pkcs8', format: 'pem' } as const
const { privateKey: plain } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: encoding,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const { privateKey: encrypted } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { ...encoding, cipher: 'aes-256-cbc', passphrase: 'p' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

describe('a key of another program', () => {
  it.each([
    ['PKCS #8', plain, 'ssh-keygen -p -f'],
    ['PKCS #8 with a passphrase', encrypted, 'ssh-keygen -p -f'],
    ["PuTTY's newest", 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', 'puttygen'],
  ])('in %s is refused with how to make one of it', (_, text, hint) => {
    const path = join(folder, 'key')
    writeFileSync(path, text, { mode: 0o600 })
    expect(() => readKeyFile(path)).toThrow(
      expect.objectContaining({ code: 'SSH_KEY', hint: expect.stringContaining(hint) }),
    )
  })
})
