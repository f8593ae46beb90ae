import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readKubeconfig } from '../../src/node/kubeconfig.js'
import { render } from '../../src/templates.js'
import { canary, writtenKubeconfigs } from '../support/kubeconfigs.js'
import { scratchFolder } from '../support/scratch.js'
import { hasShell, type ShellKind, shellKinds } from '../support/shell-host.js'
import { cases } from './cases.js'

interface Case {
  name: string
  text: string
  read?: object
  error?: string
  message?: string
}

/** What no certificate is, and a name and password, are masked on the host. */
const masked = (read: object): unknown =>
  JSON.parse(
    JSON.stringify(read)
      .replace('"Q0E="', '"********"')
      .replace('//a:b@', '//********@')
      .replace('?a=b', '?********'),
  )

describe.each(shellKinds.filter(hasShell))('what the host tells of a kubeconfig in $name', (kind) => {
  it('is what the current context names, in whatever form it is written, and no secret', () => {
    const written = writtenKubeconfigs(200)
    const told = readOnHost(
      kind,
      written.map(({ text }) => text),
    )
    for (const [index, { text, document, anchors }] of written.entries()) {
      const { content, problem } = told[index] ?? { content: '', problem: '' }
      expect(content + problem, text).not.toContain(canary)
      expect(problem, text).toMatch(anchors ? /: an anchor or alias$|^$/ : /^$/)
      if (problem === '') expect(readKubeconfig(content), text).toEqual(readKubeconfig(document))
    }
  })

  const readable = cases<Case>('kubeconfig').filter(({ read }) => read !== undefined)

  const refused = cases<Case>('kubeconfig').filter(
    ({ error, name }) =>
      error !== undefined && !['refused-yaml', 'refused-shape', 'refused-empty'].includes(name),
  )

  it.each(readable)('agrees with the pure reader: $name', ({ text, read }) => {
    const [told] = readOnHost(kind, [text])
    expect(told?.problem).toBe('')
    expect(readKubeconfig(told?.content ?? '')).toEqual(masked(read ?? {}))
  })

  it.each(refused)('tells enough to refuse it as the pure reader does: $name', ({ text, message }) => {
    const [told] = readOnHost(kind, [text])
    expect(told?.problem).toBe('')
    expect(() => readKubeconfig(told?.content ?? '')).toThrow(message)
  })

  const unread: [string, string, string][] = [
    ['an alias', 'current-context: *a\n', 'line 1: an anchor or alias'],
    ['a merge', 'a: {b: c}\n<<: {d: e}\n', 'line 2: an anchor or alias'],
    ['a tag', 'a:\n- !!str b\n', 'line 2: a tag'],
    ['a key of its own', '? a\n: b\n', 'line 1: what is not understood'],
    ['a quote that is open', `current-context: "x\n`, 'line 1: a quote that is not closed'],
    ['a bracket that is open', '{"a": [\n', 'line 1: a bracket that is not closed'],
    ['brackets that do not match', '{"a": [1}]\n', 'line 1: brackets that do not match'],
    ['a value behind a value', '"a": "b" c\n', 'line 1: something behind a value'],
    ['a map in a line', 'a: b: c\n', 'line 1: a colon within a value'],
    ['a map below a value', 'a: "b"\n  c: d\n', 'line 2: what is not understood'],
    [
      'a key that is indented less than its sibling',
      'a:\n   b: c\n  d: e\n',
      'line 3: what is not understood',
    ],
    ['an item between the columns', 'a:\n  - b\n - c\n', 'line 3: what is not understood'],
    ['a tab', 'a:\n\tb: c\n', 'line 2: a tab'],
    ['an escape', 'current-context: "\\u20ac"\n', 'line 1: an escape in current-context'],
  ]

  it.each(unread)('tells nothing where there is %s', (_what, text, problem) => {
    expect(readOnHost(kind, [text])[0]).toEqual({ content: '', problem })
  })
})

/** What the script prints of each of these files, and why it does not. */
function readOnHost(
  { command }: ShellKind,
  texts: readonly string[],
): { content: string; problem: string }[] {
  const folder = scratchFolder('yurt-ssh-kubeconfig-')
  writeFileSync(join(folder, '.yurt-ssh-lab'), '')
  for (const [index, text] of texts.entries()) writeFileSync(join(folder, String(index)), text)
  const script = `${render('host/lib.sh', {})}
fact() { printf 'fact %s %s\\n' "$1" "$2"; }
${render('host/yaml.sh', {})}
${render('host/kubeconfig.sh', {})}
index=0
while [ "$index" -lt ${texts.length} ]; do
  kubeconfig_path=/$index
  kubeconfig
  echo "end $kubeconfig_server"
  index=$((index + 1))
done`
  const [program = '', ...args] = command
  const { stdout, stderr } = spawnSync(program, [...args, '-s'], {
    input: script,
    encoding: 'utf8',
    env: { ...process.env, YURT_SSH_ROOT: folder },
  })
  expect(stderr).toBe('')
  return stdout.split(/^end .*\n/m).map((printed) => ({
    content: printed.replaceAll(/^text kubeconfig /gm, '').replace(/^fact .*\n/m, ''),
    problem: /^fact kubeconfigProblem (.*)$/m.exec(printed)?.[1] ?? '',
  }))
}
