// Records `npm run demo` in a real terminal (tmux) and writes it as an animated picture: node demo/record.js docs/demo.svg
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { drawFrames } from './svg.js'

const size = { columns: 110, rows: 34 }
const session = `yurt-ssh-demo-${process.pid}`
const everyMs = 400
const limitMs = 180_000

const tmux = (...words) => execFileSync('tmux', ['-L', session, ...words], { encoding: 'utf8' })

const [output] = process.argv.slice(2)
if (output === undefined) throw new Error('usage: node demo/record.js FILE.svg')
if (spawnSync('tmux', ['-V']).status !== 0) throw new Error('tmux is missing: apt-get install tmux')

tmux('new-session', '-d', '-x', String(size.columns), '-y', String(size.rows), 'npm run -s demo; sleep 3')
const frames = []
for (const began = Date.now(); Date.now() - began < limitMs; await sleep(everyMs)) {
  const alive = spawnSync('tmux', ['-L', session, 'has-session']).status === 0
  if (!alive) break
  const text = capture()
  if (text !== undefined && text !== frames.at(-1)?.text) frames.push({ at: Date.now() - began, text })
}
writeFileSync(output, drawFrames(frames, size))
process.stdout.write(`${output}: ${frames.length} frames\n`)

/** The screen with its colours; undefined when the session ended in between. */
function capture() {
  const { status, stdout } = spawnSync('tmux', ['-L', session, 'capture-pane', '-p', '-e'], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout : undefined
}
