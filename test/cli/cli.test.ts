import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { compiled } from '../support/compiled.js'
import { simulatedRun } from '../support/simulated-run.js'
import { requireTool } from '../support/tools.js'

// programs of their own, on a machine that may be busy
vi.setConfig({ testTimeout: 60_000 })

let folder = ''
let work = ''
const id = '20261124t220000-c0de'

beforeAll(() => {
  folder = compiled()
  work = mkdtempSync(join(tmpdir(), 'yurt-ssh-cli-'))
  writeFileSync(
    join(work, 'fleet.yaml'),
    'openyurt: {release: v0.6.1}\ngroups:\n  site-a:\n    role: edge\n    hosts:\n      edge-[1:3]: {address: "192.0.2.[1:3]"}\n',
  )
  mkdirSync(join(work, 'bin'))
  writeFileSync(
    join(work, 'bin', 'yurt-ssh'),
    `#!/bin/sh\nexec node ${join(folder, 'bin', 'yurt-ssh.js')} "$@"\n`,
  )
  chmodSync(join(work, 'bin', 'yurt-ssh'), 0o755)
  recordRun(join(work, 'runs', id))
}, 60_000)
afterAll(() => {
  for (const one of [folder, work]) rmSync(one, { recursive: true, force: true })
})

function recordRun(run: string): void {
  const { header, events, end, plan } = simulatedRun(5, { oddity: 5 })
  mkdirSync(run, { recursive: true })
  writeFileSync(join(run, 'run.json'), JSON.stringify(header))
  writeFileSync(join(run, 'plan.json'), JSON.stringify({ format: 1, plan }))
  writeFileSync(join(run, 'events.ndjson'), events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  writeFileSync(join(run, 'result.json'), JSON.stringify(end))
}

/** A program in the work folder, `yurt-ssh` on its PATH. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(program, args, {
    cwd: work,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', PATH: `${join(work, 'bin')}:${process.env.PATH}`, ...env },
  })
}
const yurtSsh = (args: string, env: NodeJS.ProcessEnv = {}) => run('yurt-ssh', args.split(' '), env)

describe('records', () => {
  it('runs and report show them', () => {
    const list = yurtSsh('runs --run-dir runs')
    expect(list.stdout).toMatch(new RegExp(`${id} +convert .* 5, 1 failed +failed`))
    expect(JSON.parse(yurtSsh('runs --run-dir runs --json').stdout)).toMatchObject({
      runs: [{ id, hosts: 5, failed: 1, exitCode: 3 }],
    })
    expect(yurtSsh('report --run-dir runs').stdout).toMatch(/^20261124t220000-c0de: convert/)
    expect(JSON.parse(yurtSsh('report 2026 --json --run-dir runs').stdout)).toMatchObject({
      id,
      counts: { changed: 4 },
    })
  })

  it('report writes files', () => {
    const { status, stdout, stderr } = yurtSsh('report latest --html a.html --junit a.xml --json a.json', {
      YURT_SSH_RUN_DIR: 'runs',
    })
    expect(stderr).toBe('written: a.html\nwritten: a.xml\nwritten: a.json\n')
    expect([status, stdout]).toEqual([0, ''])
    expect(readFileSync(join(work, 'a.html'), 'utf8')).toMatch(/^<!doctype html>/)
    expect(readFileSync(join(work, 'a.xml'), 'utf8')).toContain('<testsuites name="yurt-ssh convert"')
    expect(JSON.parse(readFileSync(join(work, 'a.json'), 'utf8'))).toMatchObject({ id })
  })

  it.each([
    ['report nothing --run-dir runs', /no run "nothing" in runs.*\[USAGE_RUN\]/],
    [
      'report --run-dir runs --html no/such/folder.html',
      /cannot be written: its folder is not there \[USAGE_REPORT\]\n {2}hint: make the folder first/,
    ],
  ])('%s is refused', (args, message) => {
    const { status, stderr } = yurtSsh(args)
    expect(status).toBe(2)
    expect(stderr).toMatch(message)
  })

  it.each([
    [
      'inventory validate -i missing.yaml',
      'INVENTORY_READ',
      'the inventory missing.yaml cannot be read: there is no such file',
    ],
    ['inventory validate -i folder', 'INVENTORY_READ', 'the inventory folder cannot be read: it is a folder'],
    [
      'inventory init --kubeconfig folder',
      'KUBECONFIG_INVALID',
      'kubeconfig folder cannot be read: it is a folder',
    ],
    [
      'apply missing.json --check',
      'USAGE_PLAN_READ',
      'the plan missing.json cannot be read: there is no such file',
    ],
    ['apply folder --check', 'USAGE_PLAN_READ', 'the plan folder cannot be read: it is a folder'],
    ['report --run-dir runs --html folder', 'USAGE_REPORT', 'folder cannot be written: it is a folder'],
    [
      'report --run-dir file',
      'USAGE_RUN',
      'the folder of runs file cannot be read: something on its path is no folder',
    ],
    [
      'runs --run-dir file',
      'USAGE_RUN',
      'the folder of runs file cannot be read: something on its path is no folder',
    ],
    [
      'snapshot -i missing --yes --out file',
      'SNAPSHOT_FILE',
      'file cannot be written: something of that name is there already',
    ],
    ['rehearse --snapshot missing', 'SNAPSHOT_INVALID', 'missing cannot be read: there is no such file'],
    ['lab up --dir file', 'LAB_DIR', 'file cannot be written: something of that name is there already'],
  ])('%s says in a sentence what is wrong with the file', (args, code, words) => {
    mkdirSync(join(work, 'folder'), { recursive: true })
    writeFileSync(join(work, 'file'), '')
    const { stderr } = yurtSsh(args)
    expect(stderr).toContain(`${words} [${code}]\n  hint: `)
    expect(stderr).not.toMatch(/ENOENT|EISDIR|ENOTDIR|EEXIST/)
  })

  it('the default folder is that of XDG_STATE_HOME', () => {
    expect(yurtSsh('runs', { XDG_STATE_HOME: join(work, 'state') }).stdout).toBe('No runs.\n')
    mkdirSync(join(work, 'state', 'yurt-ssh'), { recursive: true })
    recordRun(join(work, 'state', 'yurt-ssh', 'runs', id))
    expect(yurtSsh('runs', { XDG_STATE_HOME: join(work, 'state') }).stdout).toContain(id)
    expect(existsSync(join(work, 'state', 'yurt-ssh', 'runs', id, 'run.json'))).toBe(true)
  })
})

describe('the command line', () => {
  it.each([
    ['convert -i a --chek', /unknown option '--chek'\n\(Did you mean --check\?\)/],
    ['convrt', /unknown command 'convrt'\n\(Did you mean convert\?\)/],
  ])('suggests: %s', (args, message) => {
    const { status, stderr } = yurtSsh(args)
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })

  it('takes defaults from yurt-ssh.yaml, and says where a wrong one stands', () => {
    writeFileSync(join(work, 'yurt-ssh.yaml'), 'runs:\n  run-dir: runs\n')
    expect(yurtSsh('runs').stdout).toContain(id)
    writeFileSync(join(work, 'yurt-ssh.yaml'), 'run-dri: runs\n')
    expect(yurtSsh('runs').stderr).toMatch(
      /^yurt-ssh.yaml:1:1: .*did you mean "run-dir"\? \[USAGE_DEFAULTS\]/,
    )
    rmSync(join(work, 'yurt-ssh.yaml'))
  })

  it('a yurt-ssh.yaml that cannot be read is refused', () => {
    mkdirSync(join(work, 'yurt-ssh.yaml'))
    const { stderr, status } = yurtSsh('runs')
    expect(stderr).toMatch(/yurt-ssh.yaml cannot be read: it is a folder.*\[USAGE_DEFAULTS\]/)
    expect(status).toBe(2)
    rmSync(join(work, 'yurt-ssh.yaml'), { recursive: true })
  })

  it('a reader that goes away does no harm', () => {
    const { stdout, stderr, status } = run('bash', [
      '-c',
      'yurt-ssh report --run-dir runs --json | head -1; echo "${PIPESTATUS[0]}"',
    ])
    expect([stdout, stderr, status]).toEqual(['{\n0\n', '', 0])
  })
})

it('a full disk behind stdout is no success', () => {
  const { status, stderr } = run('bash', ['-c', 'yurt-ssh report --run-dir runs --json >/dev/full'])
  expect([status, stderr]).toEqual([1, 'the output could not be written; is the disk full?\n'])
})

describe('completion in a real shell', () => {
  const line = 'yurt-ssh convert -i fleet.yaml --limit site-a,edge-'
  const hosts = [1, 2, 3].map((number) => `site-a,edge-${number}`)

  it('bash', () => {
    const script =
      'source <(yurt-ssh completion bash); COMP_LINE=$0 COMP_POINT=${#0}; _yurt_ssh; printf "%s\\n" "${COMPREPLY[@]}"'
    const of = (typed: string): string[] => run('bash', ['-c', script, typed]).stdout.trim().split('\n')
    expect(of(line)).toEqual(hosts)
    expect(of('yurt-ssh convert -i fleet.yaml --limit=edge-')).toEqual(['edge-1', 'edge-2', 'edge-3'])
    expect(of('yurt-ssh unl')).toEqual(['unlock'])
    expect(of('yurt-ssh convert -i ')).toEqual([''])
    expect(of('yurt-ssh runs ')).toEqual(['--run-dir', '--json'])
    writeFileSync(join(work, 'yurt-ssh.yaml'), 'inventory: fleet.yaml\nconvert: {forks: 5}\n')
    expect(of('yurt-ssh convert -l si')).toEqual(['site-a'])
    rmSync(join(work, 'yurt-ssh.yaml'))
  })

  it.runIf(requireTool('fish'))('fish', () => {
    const of = (typed: string): string[] =>
      run('fish', ['-c', 'yurt-ssh completion fish | source; complete -C $argv[1]', typed])
        .stdout.trim()
        .split('\n')
        .map((row) => row.split('\t')[0] ?? '')
    expect(of(line)).toEqual(hosts)
    expect(of('yurt-ssh unl')).toEqual(['unlock'])
    expect(of('yurt-ssh report --run-dir ru')).toContain('runs/')
  })

  it.runIf(requireTool('zsh'))('zsh', () => {
    const script =
      'compdef() {}; _describe() { print -rl -- $choices }; _files() { print files }; source <(yurt-ssh completion zsh); words=(${(s: :)1}); CURRENT=$#words; _yurt_ssh'
    const of = (typed: string): string[] =>
      run('zsh', ['-f', '-c', script, 'zsh', typed]).stdout.trim().split('\n')
    expect(of(line)).toEqual(hosts)
    expect(of('yurt-ssh unl')).toEqual(["unlock:take the cluster's lock away from a run that is dead"])
    expect(of('yurt-ssh convert -i x')).toEqual(['files'])
  })
})
