import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Recording } from '../src/lab/replay/recording.js'

/** Replay hosts and their API in a process of their own. */
export interface ReplayProcess {
  /** Has inventory.yaml, id, known_hosts and kubeconfig. */
  folder: string
  inventory: string
  port: number
  stop(): void
}

const program = fileURLToPath(new URL('../src/lab/replay/main.js', import.meta.url))

/** Starts so many replay hosts; returns once they listen. */
export async function startReplay(count: number, recording: Recording): Promise<ReplayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-replay-'))
  const file = join(folder, 'recording.json')
  writeFileSync(file, JSON.stringify(recording))
  const child = spawn(process.execPath, [program, String(count), file, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString('utf8'))))
    child.once('exit', (status) => reject(new Error(`the replay hosts ended with ${status}`)))
    child.once('error', reject)
  })
  return {
    folder,
    inventory: join(folder, 'inventory.yaml'),
    port,
    stop() {
      child.stdin.end()
      rmSync(folder, { recursive: true })
    },
  }
}
