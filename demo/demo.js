// The main job at work on the embedded lab, narrated: no root, no containers, no cluster, nothing left running.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = path.join(root, 'bin/yurt-ssh.js')
const lab = mkdtempSync(path.join(tmpdir(), 'yurt-ssh-demo-'))
const inventory = path.join(lab, 'inventory.yaml')
const report = '.demo/report.html'
/** Records of these runs are not the operator's. */
const env = { ...process.env, XDG_STATE_HOME: lab }

/** What is shown, in order: `lines` cuts an output that is better read at leisure. */
const story = [
  {
    says: 'A cluster of five hosts, each a folder with a real shell and an SSH server of its own.',
    runs: ['lab', 'up', '--hosts', '5', '--speed', '10', '--dir', lab],
  },
  { says: 'Is it ready to be converted? Nothing is touched.', runs: ['preflight', '-i', inventory] },
  {
    says: 'What would change? Every byte of it can be read before.',
    runs: ['convert', '-i', inventory, '--check', '--diff'],
    exits: 10,
    lines: 34,
  },
  {
    says: 'The hub of edge-2 will never become healthy. Convert anyway.',
    runs: ['lab', 'fault', '--dir', lab, 'edge-2', 'hub-never-healthy'],
  },
  {
    says: 'Each host runs its own transaction: converted and proven, or put back as it was.',
    runs: ['convert', '-i', inventory, '--yes', '--yurthub-healthcheck-timeout', '20s'],
    exits: 3,
  },
  {
    says: 'edge-2 is as it was, byte for byte, and said why. Mend it, and run the same command again.',
    runs: ['lab', 'fault', '--dir', lab, 'edge-2', 'hub-never-healthy', '--clear'],
  },
  { runs: ['convert', '-i', inventory, '--yes'] },
  { says: 'A second run finds nothing to do.', runs: ['convert', '-i', inventory, '--yes'] },
  { says: 'What is there now?', runs: ['status', '-i', inventory] },
  {
    says: 'And back: every file, mode and owner as it was before.',
    runs: ['revert', '-i', inventory, '--yes', '--report', report],
  },
]

// Ctrl-C is for the command that runs: the demo ends with it, and stops its lab
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => undefined)
process.chdir(root)
mkdirSync(path.dirname(report), { recursive: true })
const began = Date.now()
let failed = false
try {
  for (const scene of story) await play(scene)
  narrate(`Done in ${Math.round((Date.now() - began) / 1000)} s. The last run as a page: ${report}`)
} catch (error) {
  failed = true
  process.stderr.write(`${error.message}\n`)
} finally {
  if (existsSync(lab)) {
    spawnSync(process.execPath, [program, 'lab', 'down', '--dir', lab])
    rmSync(lab, { recursive: true, force: true })
  }
}
process.exitCode = failed ? 1 : 0

/** Runs one command as its user would; a status that the story does not expect ends it. */
async function play({ says, runs, exits = 0, lines }) {
  if (says !== undefined) narrate(says)
  const shown = runs.map((word) => word.replace(lab, 'lab'))
  process.stdout.write(`${styleText('dim', '$')} ${styleText('cyan', ['yurt-ssh', ...shown].join(' '))}\n`)
  const status = lines === undefined ? await live(runs) : cut(runs, lines)
  if (status !== exits) throw new Error(`the demo expected exit code ${exits} and got ${status}`)
}

function live(words) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { stdio: 'inherit', env })
    child.on('error', reject)
    child.on('close', resolve)
  })
}

function cut(words, count) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    env,
  })
  const all = `${stderr}${stdout}`.trimEnd().split('\n')
  process.stdout.write(`${all.slice(0, count).join('\n')}\n`)
  if (all.length > count) process.stdout.write(styleText('dim', `… and ${all.length - count} lines more\n`))
  return status
}

function narrate(text) {
  process.stdout.write(`\n${styleText(['bold', 'green'], `▌ ${text}`)}\n`)
}
