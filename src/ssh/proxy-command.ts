import { spawn } from 'node:child_process'
import { Duplex, PassThrough } from 'node:stream'

/** How much of the command's stderr an error shows. */
const wordsLength = 1000

/**
 * A stream over stdin and stdout of a shell command, as ssh_config's ProxyCommand has it. The command has a process group
 * of its own, which ends with the stream; what it says on stderr is in the stream's error.
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
  stream.on('close', () => endGroup(child.pid))
  return stream
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}
