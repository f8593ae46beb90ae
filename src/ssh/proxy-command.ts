import { spawn } from 'node:child_process'
import { Duplex, PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** How much of the command's stderr an error shows. */
const wordsLength = 1000
/** How long its processes may take to end before they are killed, and how often is looked. */
const graceMs = 2000
const lookMs = 50

/**
 * A stream over stdin and stdout of a shell command, as ssh_config's ProxyCommand has it. The command has a process group
 * of its own, which ends with the stream, and at once with this process; what it says on stderr is in the stream's error.
 */
export function commandSocket(command: string): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { detached: true, stdio: 'pipe' })
  // Of its own, for the stream is to end with the command and its reason, not with one of its pipes.
  const [readable, writable] = [new PassThrough(), new PassThrough()]
  child.stdout.pipe(readable, { end: false })
  writable.pipe(child.stdin).on('error', () => undefined)
  const stream = Duplex.from({ readable, writable })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-wordsLength)
  })
  child.on('error', (error) => stream.destroy(error))
  child.on('close', (status, signal) => {
    const how = signal ?? `status ${status}`
    stream.destroy(new Error(`connection closed: the ProxyCommand ended with ${how}: ${words.trim()}`))
  })
  if (child.pid !== undefined) endWith(stream, child.pid)
  return stream
}

/** Leaders of the groups that have not ended yet. */
const groups = new Set<number>()

function killAll(): void {
  for (const leader of groups) signalGroup(leader, 'SIGKILL')
}

function endWith(stream: Duplex, leader: number): void {
  if (groups.size === 0) process.on('exit', killAll)
  groups.add(leader)
  stream.on('close', () => void endGroup(leader))
}

/** Not until nobody is left: what ended without anybody to wait for it, as in some containers, counts as there. */
async function endGroup(leader: number): Promise<void> {
  signalGroup(leader, 'SIGTERM')
  for (let waited = 0; waited < graceMs && signalGroup(leader, 0); waited += lookMs) await sleep(lookMs)
  signalGroup(leader, 'SIGKILL')
  groups.delete(leader)
  if (groups.size === 0) process.off('exit', killAll)
}

/** Whether there was anybody to get it. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch {
    return false
  }
}
