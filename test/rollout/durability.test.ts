import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { transactionScripts } from '../../src/rollout/scripts.js'
import { requireTool } from '../support/tools.js'
import { context, conversion, host, runFolder, script, shells } from './lab-host.js'

/** A system call that decides what a power cut leaves. */
interface Call {
  name: 'write' | 'sync' | 'rename'
  /** Of the file written or synced; of a rename the new name. */
  path: string
  from?: string
}

/** `fsync(3</path>)`, `write(3</path>, …)`, `rename("from", "to")`, `renameat(AT_FDCWD</x>, "from", AT_FDCWD</x>, "to")`. */
function readTrace(text: string, root: string): Call[] {
  return text
    .replaceAll(root, '')
    .split('\n')
    .filter((line) => !line.includes(' = -1 '))
    .flatMap((line): Call[] => {
      const sync = /(?:fsync|fdatasync)\(\d+<([^>]*)>/.exec(line)
      if (sync?.[1] !== undefined) return [{ name: 'sync', path: sync[1] }]
      const write = / write\(\d+<([^>]*)>/.exec(line)
      if (write?.[1] !== undefined) return [{ name: 'write', path: write[1] }]
      const rename = /rename\w*\(.*?"([^"]*)".*?"([^"]*)"/.exec(line)
      return rename?.[2] === undefined ? [] : [{ name: 'rename', path: rename[2], from: rename[1] ?? '' }]
    })
}

describe.runIf(requireTool('strace'))('what a power cut leaves', () => {
  let calls: Call[] = []
  const journal = `${runFolder}/journal`
  const dirname = (path: string): string => path.slice(0, path.lastIndexOf('/'))
  const renames = (): { call: Call; index: number }[] =>
    calls.flatMap((call, index) => (call.name === 'rename' ? [{ call, index }] : []))

  beforeAll(async () => {
    const [kind] = shells
    if (kind === undefined) throw new Error('no shell')
    const edge = host(kind)
    edge.setState('no-manager', '')
    edge.setState('clock', '0')
    edge.setState('no-watchdog', '')
    await script(edge, transactionScripts(await conversion(kind), context).launch)
    const trace = join(edge.root, '.lab/strace')
    const options = ['-f', '-y', '-s', '512', '-e', 'trace=write,fsync,fdatasync,rename,renameat,renameat2']
    const words = [...options, '-o', trace, ...kind.command, `${edge.root}${runFolder}/apply`]
    const { status, stderr } = spawnSync('/usr/bin/strace', words, { env: edge.env, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(edge.read(journal)).toMatch(/^commit$/m)
    calls = readTrace(readFileSync(trace, 'utf8'), edge.root)
  }, 60_000)

  it('a file is synced before it takes its name, its folder before the next change and before the commit', () => {
    expect(renames().length).toBeGreaterThan(4)
    const lines = calls.filter(({ name, path }) => name === 'write' && path === journal)
    const commit = calls.indexOf(lines.at(-2) as Call)
    for (const { call, index } of renames()) {
      const before = calls.slice(0, index).findLast(({ path }) => path === call.from)
      expect(before, `the last call on ${call.from}`).toMatchObject({ name: 'sync' })
      const next = calls.findIndex(({ name }, at) => at > index && name === 'rename')
      const synced = calls.findIndex(
        ({ name, path }, at) => at > index && name === 'sync' && path === dirname(call.path),
      )
      expect(synced, `the folder of ${call.path} is synced`).toBeGreaterThan(index)
      if (next !== -1) expect(synced).toBeLessThan(next)
      expect(synced).toBeLessThan(commit)
    }
  })

  it('a journal line is on the disk before the change that it announces', () => {
    for (const { call, index } of renames()) {
      const last = calls.slice(0, index).findLast(({ path }) => path === journal)
      expect(last, `the last call on the journal before ${call.path}`).toMatchObject({ name: 'sync' })
    }
    const lines = calls.filter(({ name, path }) => name === 'write' && path === journal).length
    const syncs = calls.filter(({ name, path }) => name === 'sync' && path === journal).length
    expect(syncs).toBeGreaterThanOrEqual(lines)
  })

  it('a backup and its folder are on the disk before the file is changed', () => {
    const backup = calls.findIndex(
      ({ name, path }) => name === 'sync' && path.startsWith(`${runFolder}/backup/`),
    )
    const folder = calls.findIndex(({ name, path }) => name === 'sync' && path === `${runFolder}/backup`)
    const change = renames().findIndex(({ call }) => call.path.endsWith('/kubeadm-flags.env'))
    expect(backup).toBeGreaterThan(0)
    expect(folder).toBeGreaterThan(backup)
    expect(renames()[change]?.index).toBeGreaterThan(folder)
  })

  it('a new folder is on the disk before the commit', () => {
    const committed = calls.findLastIndex(({ path }) => path === journal)
    const folder = calls.findIndex(({ name, path }) => name === 'sync' && path === '/var/lib')
    expect(folder).toBeGreaterThanOrEqual(0)
    expect(folder).toBeLessThan(committed)
  })

  it('the undo is on the disk first: a sync of another file takes the names of all, lock and journal', () => {
    expect(calls.find(({ name }) => name === 'sync')).toEqual({ name: 'sync', path: `${runFolder}/undo` })
  })

  it('what a boot runs is on the disk, and enabled, before the first change', () => {
    const first = renames()[0]?.index ?? 0
    for (const path of [
      `${runFolder}/undo`,
      runFolder,
      '/etc/systemd/system/yurt-ssh-recover.service',
      '/etc/systemd/system/multi-user.target.wants',
    ]) {
      const at = calls.findIndex((call) => call.name === 'sync' && call.path === path)
      expect(at, path).toBeGreaterThanOrEqual(0)
      expect(at, path).toBeLessThan(first)
    }
  })
})
