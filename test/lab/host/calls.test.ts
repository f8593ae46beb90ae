import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerCalls, type Call, type Reply, takeCall } from '../../../src/lab/host/calls.js'
import { installShims } from '../../../src/lab/host/shims.js'

describe('a call on the FIFO', () => {
  it.each([
    ['whole', '2\n2:/r4:date', { words: ['/r', 'date'], rest: '' }],
    ['with more behind it', '1\n2:/r1\n3:', { words: ['/r'], rest: '1\n3:' }],
    ['with a line break and a colon in a word', '2\n2:/r4:a\n:b', { words: ['/r', 'a\n:b'], rest: '' }],
    ['with an empty word', '2\n0:2:ab', { words: ['', 'ab'], rest: '' }],
    ['cut in its count', '2', undefined],
    ['cut in a length', '1\n1', undefined],
    ['cut in a word', '1\n5:abc', undefined],
  ])('%s', (_, text, expected) => {
    const taken = takeCall(Buffer.from(text))
    expect(taken && { words: taken.words, rest: taken.rest.toString() }).toEqual(expected)
  })
})

describe('a shim', () => {
  const root = mkdtempSync(join(tmpdir(), 'lab-shim-'))
  const lab = join(root, '.lab')
  const env = { PATH: join(lab, 'bin'), YURT_SSH_ROOT: root }
  const calls: Call[] = []
  let reply: Reply = { status: 0 }
  let stop: () => void

  beforeAll(() => {
    installShims(lab, { speed: 10, machine: 'x86_64', imageTools: [] })
    execFileSync(join(lab, 'real/mkfifo'), [join(lab, 'calls')])
    stop = answerCalls(join(lab, 'calls'), (call) => {
      calls.push(call)
      return Promise.resolve(reply)
    })
  })
  afterAll(() => {
    stop()
    rmSync(root, { recursive: true })
  })

  /** The script's status, stdout and stderr. */
  async function shell(script: string): Promise<[number, string, string]> {
    return promisify(execFile)('/bin/sh', ['-c', script], { env }).then(
      ({ stdout, stderr }) => [0, stdout, stderr],
      (error: { code: number; stdout: string; stderr: string }) => [error.code, error.stdout, error.stderr],
    )
  }

  it('hands its arguments over as they are, and its streams and status back', async () => {
    reply = { status: 7, stdout: 'out\nwith lines', stderr: 'err\n' }
    expect(await shell(`curl -w '\\n%{http_code}' '' "it's ü" 'a\nb'`)).toEqual([
      7,
      'out\nwith lines',
      'err\n',
    ])
    expect(calls.at(-1)).toEqual({ name: 'curl', args: ['-w', '\\n%{http_code}', '', "it's ü", 'a\nb'] })
  })

  it('carries more than a pipe holds', async () => {
    reply = { status: 0, stdout: `${'x'.repeat(300_000)}\n` }
    expect((await shell('journalctl'))[1]).toHaveLength(300_001)
  })

  it('answers many at a time, and leaves no FIFO', async () => {
    reply = { status: 0, stdout: 'one\n' }
    const [, out] = await shell('for i in 1 2 3 4 5 6 7 8 9 10 11 12; do date & done; wait')
    expect(out).toBe('one\n'.repeat(12))
    expect(readdirSync(join(lab, 'replies'))).toEqual([])
  })

  it('refuses what does not fit into one write, instead of mixing calls', async () => {
    const [status, , stderr] = await shell(`curl ${'y'.repeat(5000)}`)
    expect([status, stderr]).toEqual([126, 'curl: argument list too long for the lab\n'])
  })

  it.each([
    ['id -u', '0\n'],
    ['YURT_SSH_LAB_UID=1000 id -u', '1000\n'],
    ["stat -c '%a %u %g' /", /^\d+ 0 0\n$/],
    ['uname -m', 'x86_64\n'],
    ['sleep 0.5; sleep 1; echo slept', 'slept\n'],
  ])('%s', async (script, expected) => {
    expect((await shell(script))[1]).toEqual(
      expected instanceof RegExp ? expect.stringMatching(expected) : expected,
    )
  })
})
