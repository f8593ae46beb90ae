import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createSection, errorNonce, frame as frameBy } from '../../src/ssh/framing.js'
import { fc, runs } from '../support/properties.js'

const nonce = '0123456789abcdef'

/** What a shell with this stdin makes of the framed streams. */
function runFramed(command: string, input: string, { merged, cwd = '/' }: { merged: boolean; cwd?: string }) {
  const words = ['-c', `exec ${command} -s${merged ? ' 2>&1' : ''}`]
  const { stdout, stderr } = spawnSync('sh', words, { input, encoding: 'utf8', cwd })
  const [out, err] = [createSection(nonce), createSection(merged ? errorNonce(nonce) : nonce)]
  out.push(stdout)
  err.push(merged ? stdout : stderr)
  return {
    status: out.end()?.trim(),
    stdout: out.text(),
    stderr: err.text(),
    complete: err.end() !== undefined,
  }
}

const present = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

const shells = ['sh', 'dash', 'bash', 'mksh', 'busybox sh'].filter((shell) =>
  present(shell.split(' ')[0] ?? ''),
)
const ways = shells.flatMap((shell) => [
  { shell, merged: false, streams: 'two streams' },
  { shell, merged: true, streams: 'one stream' },
])

describe.each(ways)('frame in $shell, $streams', ({ shell, merged }) => {
  const frame = (script: string, by: string) => frameBy(script, by, merged)
  const runIn = (command: string, input: string, cwd = '/') => runFramed(command, input, { merged, cwd })

  it.each([
    ['status', 'exit 3', { status: '3', stdout: '', stderr: '' }],
    ['both streams', 'echo a; echo b >&2', { status: '0', stdout: 'a\n', stderr: 'b\n' }],
    ['no newline at the end', "printf a; printf b >&2; printf ''", { status: '0', stdout: 'a', stderr: 'b' }],
    ['quotes', `printf '%s' "it's" '"\\n"'`, { stdout: `it's"\\n"` }],
    ['UTF-8', 'echo "größe 漢字 🚀"', { stdout: 'größe 漢字 🚀\n' }],
    ['here document', "cat <<'EOF'\n$HOME `x` 'q'\nEOF\n", { stdout: "$HOME `x` 'q'\n" }],
    ['stops at an error', 'set -e\nfalse\necho no', { status: '1', stdout: '' }],
    ['exit trap', "trap 'echo bye' EXIT\nexit 4", { status: '4', stdout: 'bye\n' }],
    ['empty stdin', 'cat; echo end', { stdout: 'end\n' }],
    ['closing brace', 'echo a\n}\necho b', { complete: true }],
    ['empty script', '', { status: '0', stdout: '' }],
    ['comment at the end', 'echo a # note', { stdout: 'a\n' }],
  ])('%s', (_, script, expected) => {
    expect(runIn(shell, frame(script, nonce))).toMatchObject(expected)
  })

  it('outlives a syntax error, and what a script changes', () => {
    const broken = runIn(
      shell,
      `${frame('if', '00')}${frame('cd /tmp; x=1; set -e', '01')}${frame('pwd; echo [$x]', nonce)}`,
    )
    expect(broken).toMatchObject({ status: '0', stdout: '/\n[]\n' })
    expect(runIn(shell, frame('if', nonce))).toMatchObject({ complete: true, stdout: '' })
    expect(runIn(shell, frame('if', nonce)).status).not.toBe('0')
  })

  it('does nothing with a part of a script', () => {
    const folder = mkdtempSync(join(tmpdir(), 'framing-'))
    const line = frame('touch a\ntouch \'b\'\ntouch "c"\ncat <<E >d\ntext\nE\n', nonce)
    for (let length = 0; length < line.length - 1; length++) runIn(shell, line.slice(0, length), folder)
    expect(readdirSync(folder)).toEqual([])
    runIn(shell, line, folder)
    expect(readdirSync(folder)).toEqual(['a', 'b', 'c', 'd'])
    rmSync(folder, { recursive: true })
  })
})

describe('createSection', () => {
  it('finds the same text wherever the pieces end', () => {
    const text = fc.stringMatching(/^[-0-9a-f\nbeginend]*$/)
    const property = fc.property(
      text,
      text,
      fc.array(fc.integer({ min: 1, max: 40 })),
      (noise, output, lengths) => {
        let heard = ''
        const section = createSection(nonce, (piece) => {
          heard += piece
        })
        let stream = `${noise}${nonce}-begin\n${output}${nonce}-end 7\n`
        for (const length of lengths) {
          section.push(stream.slice(0, length))
          stream = stream.slice(length)
        }
        section.push(stream)
        expect([section.text(), heard, section.end(), section.noise()]).toEqual([output, output, ' 7', noise])
      },
    )
    fc.assert(property, { numRuns: runs(500) })
  })

  it('hands text on at once, but for what may be the end marker', () => {
    const heard: string[] = []
    const section = createSection(nonce, (piece) => heard.push(piece))
    for (const piece of [`${nonce}-begin\none`, 'two0123', 'three0123456789abcdef-e', 'nd 0'])
      section.push(piece)
    expect(heard).toEqual(['one', 'two', '0123three'])
    expect(section.end()).toBeUndefined()
    section.push('\n')
    expect(section.end()).toBe(' 0')
  })

  it('keeps only the last of much noise', () => {
    const section = createSection(nonce)
    for (let i = 0; i < 100; i++) section.push('x'.repeat(1000))
    section.push(`last words${nonce}-begin\n`)
    expect(section.noise()).toHaveLength(4096)
    expect(section.noise()).toMatch(/last words$/)
  })
})
