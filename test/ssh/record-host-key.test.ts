import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SshHop } from '../../src/inventory/types.js'
import { recordHostKey } from '../../src/ssh/record-host-key.js'

const type = Buffer.from('ssh-ed25519')
const blob = Buffer.concat([Buffer.from([0, 0, 0, type.length]), type, Buffer.alloc(36, 1)])

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-record-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it.each(['1 minute ago', 'tomorrow'])('is not held up by a lock of a dead process, dated %s', (date) => {
  const file = join(folder, 'known_hosts')
  const lock = `${file}.yurt-ssh-lock`
  writeFileSync(lock, '')
  execFileSync('touch', ['-d', date, lock])
  recordHostKey({ address: '192.0.2.1', port: 22, knownHosts: [file] } as SshHop, blob, () => false)
  expect(readFileSync(file, 'utf8')).toBe(`192.0.2.1 ssh-ed25519 ${blob.toString('base64')}\n`)
  expect(existsSync(lock)).toBe(false)
})
