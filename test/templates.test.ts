import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { hubNames } from '../src/node/hub-names.js'
import { findRelease } from '../src/releases/release.js'
import { render, shellQuote, type TemplateContext } from '../src/templates.js'
import { fc, runs } from './support/properties.js'
import { requireTool } from './support/tools.js'

const facts: TemplateContext = {
  node: 'edge-1',
  images: ['a'],
  servers: '',
  staticPodPath: '',
  kubeadmConfPath: '',
  flagsPath: '/flags',
  folders: ['/a'],
  ...hubNames(findRelease('v0.6.1')),
  hubFacts: '',
}
const apply: TemplateContext = {
  id: 'r',
  verb: 'convert',
  node: 'edge-1',
  ...hubNames(findRelease('v0.6.1')),
  hubWords: '',
  functions: '',
  deadlineSeconds: 1,
  writes: [{ path: '/a', before: 'absent', after: '0' }],
  steps: [{ index: 0, call: 'own_tree', arguments: ['/a'] }],
  cleanup: [],
}

describe('a template', () => {
  it('renders when it has all its names', () => {
    expect(render('host/facts.sh', facts)).toContain("flags_path='/flags'")
    expect(render('host/apply.sh', apply)).toContain("  step 0 own_tree '/a'\n")
  })

  const without = (context: TemplateContext, name: string): TemplateContext =>
    Object.fromEntries(Object.entries(context).filter(([key]) => key !== name))

  it.each([
    ['a plain name', 'host/apply.sh', without(apply, 'deadlineSeconds'), 'deadlineSeconds'],
    ['#if', 'host/facts.sh', without(facts, 'kubeadmConfPath'), 'kubeadmConfPath'],
    ['#each', 'host/facts.sh', without(facts, 'images'), 'images'],
    [
      '#each of a list inside another',
      'host/apply.sh',
      { ...apply, steps: [{ index: 0, call: 'a' }] },
      'arguments',
    ],
    ['a helper', 'host/facts.sh', without(facts, 'flagsPath'), 'flagsPath'],
    ['a helper inside #each', 'host/apply.sh', { ...apply, writes: [{ path: '/a' }] }, 'before'],
    ['a partial', 'host/apply.sh', without(apply, 'ourKubeconfig'), 'ourKubeconfig'],
    ['a helper in a partial', 'host/apply.sh', without(apply, 'node'), 'node'],
    ['a helper of YAML', 'hub/v0.6.1.yaml', { command: [] }, 'image'],
  ])('refuses to render without a name in %s', (_where, name, context, missing) => {
    expect(() => render(name, context)).toThrow(missing)
  })

  it.each([[null], [['a']], [{}]])('refuses %j where a word is wanted', (value) => {
    expect(() => render('host/facts.sh', { ...facts, flagsPath: value })).toThrow('{{sh}} got')
  })

  it('does not take names from the prototype of objects', () => {
    expect(() =>
      render('host/apply.sh', { ...apply, steps: [{ index: 0, call: 'a', arguments: [{}] }] }),
    ).toThrow()
    expect(() => render('hub/bootstrap-hub.conf', { ca: 'x' })).toThrow('server')
  })

  it('escapes nothing but by its helpers', () => {
    const context = { ca: '<&>', server: '"<&>' }
    expect(render('hub/bootstrap-hub.conf', context)).toContain(
      'certificate-authority-data: <&>\n      server: "\\"<&>"',
    )
  })
})

describe('a quoted word', () => {
  it('is refused with a NUL in it', () => {
    expect(() => shellQuote('a\0b')).toThrow(expect.objectContaining({ code: 'NODE_NUL' }))
  })

  const hostile = fc.oneof(
    fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          '\\',
          '$(touch /tmp/x)',
          '`id`',
          '$HOME',
          '${x}',
          '\n',
          '\r',
          '\t',
          ' ',
          '*',
          '~',
          '!',
          '#',
          '&',
          ';',
          '|',
          '<',
          '-n',
          'ü',
          '世',
          '\u{1f600}',
          '{{x}}',
          '\u0001',
          '\u007f',
        ),
        { maxLength: 12 },
      )
      .map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '')),
  )

  it.each([
    ['dash', ['-s']],
    ['bash', ['-s']],
    ['busybox', ['sh', '-s']],
  ])('is read back by %s as it was', (shell, argv) => {
    if (!requireTool(shell)) return
    const words = fc.sample(hostile, { numRuns: runs(400) })
    const input = words.map((word) => `printf '%s\\0' ${shellQuote(word)}\n`).join('')
    const { stdout, stderr } = spawnSync(shell, argv, { input, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout.split('\0').slice(0, -1)).toEqual(words)
  })
})
