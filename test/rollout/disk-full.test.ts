import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { transactionScripts } from '../../src/rollout/scripts.js'
import { createRecorder } from '../support/kill-points.js'
import type { ShellHost, ShellKind } from '../support/shell-host.js'
import { requireTool } from '../support/tools.js'
import { lastingPart } from './kill-points.js'
import { context, conversion, host, leftBehind, runFolder, script, shells } from './lab-host.js'

/** Runs a script under strace; with `fails` the writes to that file fail for want of room, from the so-many-th on. */
function trace(
  edge: ShellHost,
  kind: ShellKind,
  part: 'apply' | 'undo',
  fails?: { path: string; from: number },
): string {
  const log = join(edge.root, '.lab/trace')
  const options =
    fails === undefined
      ? ['-e', 'trace=write']
      : ['-P', edge.root + fails.path, '-e', `inject=write:error=ENOSPC:when=${fails.from}+`]
  const words = ['-f', '-y', ...options, '-o', log, ...kind.command, `${edge.root}${runFolder}/${part}`]
  const { error } = spawnSync('/usr/bin/strace', words, { env: edge.env, stdio: 'ignore' })
  if (error !== undefined) throw error
  const text = readFileSync(log, 'utf8')
  rmSync(log)
  return text
}

/** Files of the host that a script wrote to, with the number of writes. */
function written(text: string, root: string): { path: string; times: number }[] {
  const times = new Map<string, number>()
  for (const [, file = ''] of text.matchAll(/ write\(\d+<([^>]*)>/g)) {
    const path = file.startsWith(`${root}/`) ? file.slice(root.length) : '/.lab'
    if (!/^\/(\.lab|proc|run)|\/(pki|cache)\/.*(pem|nodes)$/.test(path))
      times.set(path, (times.get(path) ?? 0) + 1)
  }
  return [...times].map(([path, count]) => ({ path, times: count }))
}

// what a shell makes of a failed write differs less than what the host makes of it
describe.runIf(requireTool('strace')).each(shells.slice(0, 1))('no room for a write, in $name', (kind) => {
  it('whichever it is: the host ends as it was, or done', { timeout: 300_000 }, async () => {
    const edge = host(kind)
    edge.setState('no-watchdog', '')
    const recorder = createRecorder(edge, kind.command)
    try {
      const { launch } = transactionScripts(await conversion(kind), context)
      const before = lastingPart(edge)
      expect(await script(edge, launch)).toMatchObject({ status: 0, stderr: '' })
      const launched = recorder.state()
      const writes = written(trace(edge, kind, 'apply'), edge.root)
      const applied = recorder.state()
      expect(writes.map(({ path }) => path)).toEqual(
        expect.arrayContaining([`${runFolder}/journal`, '/etc/systemd/system/yurt-ssh-recover.service']),
      )
      await recorder.run(`${edge.root}${runFolder}/undo`)
      const done = lastingPart(edge)
      const ends = new Map<string, number>()
      for (const { path, times } of writes) {
        for (let from = 1; from <= (path.endsWith('/journal') ? times : 1); from++) {
          recorder.restore(launched)
          trace(edge, kind, 'apply', { path, from })
          await recorder.run(`${edge.root}${runFolder}/undo`)
          const result = edge.read(`${runFolder}/result`).trim()
          ends.set(result, (ends.get(result) ?? 0) + 1)
          const what = { path, from, result }
          // nothing goes on without what a boot would undo it by
          if (path.includes('/system/')) expect(what).toMatchObject({ result: 'undone' })
          expect({ ...what, left: leftBehind(edge) }).toEqual({ ...what, left: [] })
          const expected = /^(committed|unfinished)$/.test(result) ? done : before
          expect({ ...what, ...lastingPart(edge) }).toEqual({ ...what, ...expected })
        }
      }
      expect(ends.get('undone')).toBeGreaterThan(10)

      // an undo that finds no room says nothing, holds the host, and is whole the next time
      for (const { path } of [{ path: `${runFolder}/result` }, { path: `${runFolder}/out` }]) {
        recorder.restore(applied)
        edge.write(
          `${runFolder}/journal`,
          edge.read(`${runFolder}/journal`).replace(/^(commit|done)\n/gm, ''),
        )
        trace(edge, kind, 'undo', { path, from: 1 })
        if (path.endsWith('/result')) expect(leftBehind(edge)).not.toEqual([])
        await recorder.run(`${edge.root}${runFolder}/undo`)
        expect(edge.read(`${runFolder}/result`)).toBe('undone\n')
        expect(leftBehind(edge)).toEqual([])
        expect(lastingPart(edge)).toEqual(before)
      }
    } finally {
      recorder.remove()
    }
  })
})
