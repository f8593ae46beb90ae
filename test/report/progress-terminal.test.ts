import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { compiled } from '../support/compiled.js'
import { hostEvents } from '../support/events.js'
import { requireTool } from '../support/tools.js'

// programs of their own, on a machine that may be busy
vi.setConfig({ testTimeout: 60_000 })

const socket = `yurt-ssh-test-${process.pid}`
let folder = ''

beforeAll(() => {
  folder = compiled(['report/progress-driver.ts'])
}, 60_000)
afterAll(() => {
  spawnSync('tmux', ['-L', socket, 'kill-server'])
  rmSync(folder, { recursive: true, force: true })
})

const tmux = (...args: string[]): string =>
  execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' })
const phase = { type: 'phase', title: 'edge hosts', index: 4, count: 6, hosts: 2000 }
const wait = { wait: 'line' }

/** Starts the driver in a terminal of its own size; `env` goes in front of it. */
function start(name: string, columns: number, rows: number, events: readonly unknown[], env = ''): void {
  const driver = join(folder, 'test', 'progress-driver.js')
  const command = `${env} node ${driver} '${JSON.stringify(events)}'; echo; cat`
  tmux('-f', '/dev/null', 'new-session', '-d', '-s', name, '-x', String(columns), '-y', String(rows), command)
}

const screen = (name: string): string[] => tmux('capture-pane', '-p', '-t', name).trimEnd().split('\n')
const until = (name: string, text: RegExp): Promise<void> =>
  vi.waitFor(() => expect(screen(name).join('\n')).toMatch(text), { timeout: 15_000, interval: 100 })

describe.runIf(requireTool('tmux'))('progress in a terminal', () => {
  it.each([
    { columns: 80, rows: 24 },
    { columns: 200, rows: 50 },
  ])(
    'of $columns by $rows shows phase, counters and as many hosts as there is room for',
    async ({ columns, rows }) => {
      const name = `size-${columns}`
      start(name, columns, rows, [
        phase,
        ...hostEvents('gone-1', 'changed', 60),
        ...hostEvents('gone-2', 'failed', 12),
        { hosts: 300 },
        ...hostEvents('edge-0001', 'changed', 60).slice(1, 6),
        wait,
        ...hostEvents('gone-3', 'unreachable', 20),
        { type: 'phase-done', title: 'edge hosts', seconds: 80 },
      ])
      await until(name, /and \d+ more/)
      const drawn = screen(name)
      expect(drawn.length).toBeLessThanOrEqual(rows)
      expect(tmux('capture-pane', '-p', '-S', '-', '-t', name)).toContain('gone-2: failed in 12 s: the hub')
      const text = drawn.join('\n')
      expect(text).toContain('[5/6] edge hosts')
      expect(text).toContain('1 done, 1 failed, 0 unreachable, 1998 left (300 running)')
      expect(text).toMatch(/hosts\/min, about .* left/)
      expect(text).toMatch(/edge-0001 +\d+ s +wait for the hub, up to 180 s/)
      const hosts = drawn.filter((line) => /^ *edge-\d{4}/.test(line)).length
      expect(text).toContain(`and ${300 - hosts} more`)
      expect(hosts).toBeGreaterThan(rows / 2)
      tmux('send-keys', '-t', name, 'Enter')
      await until(name, /driver ends/)
      const left = screen(name).join('\n')
      expect(left).toContain('gone-3: unreachable in 20 s')
      expect(left).toContain('[5/6] edge hosts: 1 done, 1 failed, 1 unreachable in 80 s')
      expect(left).not.toContain('edge-0001')
    },
  )

  it('goes on through a resize', async () => {
    start('resize', 120, 40, [phase, { hosts: 100 }, wait])
    await until('resize', /and \d+ more/)
    tmux('resize-window', '-t', 'resize', '-x', '60', '-y', '15')
    await until('resize', /and 9\d more/)
    expect(screen('resize').every((line) => line.length <= 60)).toBe(true)
    tmux('resize-window', '-t', 'resize', '-x', '150', '-y', '45')
    await until('resize', /and 7\d more/)
    tmux('send-keys', '-t', 'resize', 'Enter')
    await until('resize', /driver ends/)
    expect(screen('resize').join('\n')).not.toContain('edge-0001')
  })

  it('has colours, and none with NO_COLOR', async () => {
    for (const env of ['env -u NO_COLOR FORCE_COLOR=1', 'env -u FORCE_COLOR NO_COLOR=1']) {
      const name = env.includes('NO_COLOR=1') ? 'plain' : 'coloured'
      start(name, 80, 24, [phase, { hosts: 3 }, wait], env)
      await until(name, /edge-0003/)
      const escapes = tmux('capture-pane', '-e', '-p', '-t', name).includes('\u001b[')
      expect(escapes, env).toBe(env.includes('FORCE_COLOR=1'))
    }
  })
})

describe('progress whose reader is gone', () => {
  it.each(['head -1', 'true'])('| %s: the run goes on to its end', (reader) => {
    const events = [
      phase,
      ...hostEvents('edge-1', 'changed', 60),
      200,
      ...hostEvents('edge-2', 'changed', 60),
      200,
    ]
    const driver = join(folder, 'test', 'progress-driver.js')
    const { stdout, status } = spawnSync(
      'bash',
      [
        '-c',
        `(node "$0" "$1" 2>&1 >/dev/null; echo "status $?" >&3) 3>"$2" | ${reader}; cat "$2"`,
        driver,
        JSON.stringify(events),
        join(folder, 'status'),
      ],
      { encoding: 'utf8' },
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/status 0\n$/)
  })
})
