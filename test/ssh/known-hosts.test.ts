import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  fingerprint,
  hostKeyAlgorithms,
  judgeHostKey,
  lookup,
  parseKnownHosts,
} from '../../src/ssh/known-hosts.js'
import { indexKnownHosts } from '../../src/ssh/known-hosts-index.js'
import { fc, runs } from '../support/properties.js'
import { describeWith } from '../support/sshd.js'

/** A key in wire format: enough for known_hosts, which never looks inside. */
function key(seed: string, type = 'ssh-ed25519'): string {
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  const blob = Buffer.concat([field(Buffer.from(type)), field(createHash('sha256').update(seed).digest())])
  return `${type} ${blob.toString('base64')}`
}
const blobOf = (line: string) => Buffer.from(line.split(' ')[1] ?? '', 'base64')
const parse = (...lines: string[]) => parseKnownHosts(lines.join('\n'), 'known_hosts')

const a = key('a')
const b = key('b')
const rsa = key('r', 'ssh-rsa')

describe('lookup', () => {
  it.each([
    ['node-1', 22, true, 'the plain name'],
    ['node-2', 22, false, 'another name'],
    ['NODE-1', 22, true, 'any case'],
    ['node-1', 2222, false, 'another port'],
    ['192.0.2.9', 2222, true, 'an address with a port'],
    ['192.0.2.9', 22, false, 'the same address without'],
    ['x.example.net', 22, true, 'a wildcard'],
    ['secret.example.net', 22, false, 'a negated name'],
    ['site-b', 22, true, '? for one character'],
    ['site-bb', 22, false, '? for one character only'],
    ['2001:db8::1', 22, true, 'IPv6'],
    ['2001:db8::1', 2222, true, 'IPv6 with a port'],
  ])('%s port %i: %s, %s', (address, port, found) => {
    const keys = parse(
      `node-1,node-1.example.org ${a}`,
      `[192.0.2.9]:2222 ${a} comment with spaces`,
      `*.example.net,!secret.example.net ${a}`,
      `site-?\t${a}`,
      `2001:db8::1,[2001:db8::1]:2222 ${a}`,
    )
    expect(lookup(keys, address, port)).toHaveLength(found ? 1 : 0)
  })

  it('leaves out what is not a key', () => {
    const lines = [
      '',
      '# node-1 comment',
      'node-1',
      'node-1 ssh-ed25519',
      `node-1 ssh-rsa ${a.split(' ')[1]}`,
    ]
    expect(
      parse(...lines, 'node-1 1024 35 1234567', `@unknown node-1 ${a}`, `  node-1 ${a}\r`),
    ).toMatchObject([{ line: 8, names: 'node-1' }])
  })

  it('keeps markers apart from names', () => {
    expect(parse(`@revoked * ${a}`, `@cert-authority *.example.org ${b}`)).toMatchObject([
      { marker: 'revoked', names: '*', line: 1 },
      { marker: 'cert-authority', names: '*.example.org', line: 2 },
    ])
  })
})

describe('judgeHostKey', () => {
  const host = { address: 'node-1', port: 22 }
  it.each([
    ['match', [`node-1 ${a}`], a],
    ['match', [`node-1 ${b}`, `node-* ${a}`], a],
    ['unknown', [`node-2 ${a}`], a],
    ['unknown', [], a],
    ['unknown', [`@cert-authority node-1 ${a}`], a],
    ['revoked', [`node-1 ${a}`, `@revoked * ${a}`], a],
    ['match', [`node-1 ${a}`, `@revoked * ${b}`], a],
    ['changed at 1', [`node-1 ${b}`], a],
    ['changed at 2', [`node-1 ${rsa}`, `node-1 ${b}`], a],
    ['changed at 1', [`node-1 ${rsa}`], a],
  ])('%s with %j', (verdict, lines, offered) => {
    const judged = judgeHostKey(parse(...lines), host, blobOf(offered))
    expect(typeof judged === 'string' ? judged : `changed at ${judged.changed.line}`).toBe(verdict)
  })

  it('trusts a key of the address on another port, but never calls it changed for that', () => {
    const keys = parse(`node-1 ${a}`)
    expect(judgeHostKey(keys, { address: 'node-1', port: 2222 }, blobOf(a))).toBe('match')
    expect(judgeHostKey(keys, { address: 'node-1', port: 2222 }, blobOf(b))).toBe('unknown')
  })

  it('takes the key of port 22 for a changed one where another port has a key of its own', () => {
    const keys = parse(`[node-1]:2222 ${a}`, `node-1 ${b}`)
    const judged = judgeHostKey(keys, { address: 'node-1', port: 2222 }, blobOf(b))
    expect(judged).toMatchObject({ changed: { line: 1 } })
  })
})

describe('hostKeyAlgorithms', () => {
  const all = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521']
  it.each([
    [[], [...all, 'rsa-sha2-512', 'rsa-sha2-256']],
    [[`node-1 ${rsa}`], ['rsa-sha2-512', 'rsa-sha2-256', ...all]],
    [[`node-2 ${rsa}`], [...all, 'rsa-sha2-512', 'rsa-sha2-256']],
    [[`@revoked node-1 ${rsa}`], [...all, 'rsa-sha2-512', 'rsa-sha2-256']],
  ])('%j', (lines, order) => {
    expect(hostKeyAlgorithms(parse(...lines), { address: 'node-1', port: 22 })).toEqual(order)
  })
})

describeWith(['keygen'], 'agreement with ssh-keygen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'known-hosts-'))
  const file = join(folder, 'known_hosts')
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Numbers of the lines that `ssh-keygen -F` finds. */
  function linesBySshKeygen(name: string): number[] {
    const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' })
    return [...stdout.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line))
  }

  const name = fc.constantFrom('n', 'n1', 'n12', 'n1.site', 'n12.site', '192.0.2.1', '2001:db8::1')
  const port = fc.constantFrom(22, 2222)
  const target = fc.record({ address: name, port })
  const written = target.map(({ address, port }) => (port === 22 ? address : `[${address}]:${port}`))
  const wild = fc.constantFrom(
    '*',
    'n*',
    'N1',
    '?1',
    '*.site',
    'n?.site',
    '[*]:2222',
    '192.0.2.?',
    'n**1',
    'n',
  )
  const pattern = fc
    .tuple(fc.constantFrom('', '', '!'), fc.oneof(written, wild))
    .map((parts) => parts.join(''))
  const list = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => patterns.join(','))
  const marker = fc.constantFrom('', '', '', '@revoked ', '@cert-authority ')
  const line = fc
    .tuple(marker, list, fc.constantFrom(a, b))
    .map(([mark, names, stored]) => `${mark}${names} ${stored}`)

  it.each(['plain', 'hashed'])(
    'finds the same lines in %s files',
    (form) => {
      const property = fc.property(fc.array(line, { maxLength: 6 }), target, (lines, { address, port }) => {
        writeFileSync(file, `# made by a test\n${lines.join('\n')}\n`)
        if (form === 'hashed') execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
        const found = lookup(parseKnownHosts(readFileSync(file, 'utf8'), file), address, port)
        const indexed = indexKnownHosts(parseKnownHosts(readFileSync(file, 'utf8'), file))
        expect(lookup(indexed(address, port), address, port)).toEqual(found)
        expect(judgeHostKey(indexed(address, port), { address, port }, blobOf(a))).toEqual(
          judgeHostKey(parseKnownHosts(readFileSync(file, 'utf8'), file), { address, port }, blobOf(a)),
        )
        expect(found.map((entry) => entry.line)).toEqual(
          linesBySshKeygen(port === 22 ? address : `[${address}]:${port}`),
        )
      })
      fc.assert(property, { numRuns: runs(form === 'hashed' ? 100 : 300) })
    },
    60_000,
  )

  it('prints the same fingerprints', () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(folder, 'id')])
    const printed = execFileSync('ssh-keygen', ['-lf', join(folder, 'id.pub')], { encoding: 'utf8' })
    expect(fingerprint(blobOf(readFileSync(join(folder, 'id.pub'), 'utf8')))).toBe(printed.split(' ')[1])
  })
})
