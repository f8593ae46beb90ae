import { constants, openSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'

/** A call of a stand-in program, as its shim hands it over. */
export interface Call {
  name: string
  args: readonly string[]
}

export interface Reply {
  status: number
  stdout?: string
  stderr?: string
}

/**
 * Answers the calls that arrive on a FIFO. It is opened for both directions, so that it never ends, and read as a pipe:
 * a file stream would keep a thread of libuv waiting.
 * @returns what stops it
 */
export function answerCalls(fifo: string, answer: (call: Call) => Promise<Reply>): () => void {
  const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd, readable: true, writable: false })
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data])
    for (;;) {
      const taken = takeCall(rest)
      if (taken === undefined) return
      rest = taken.rest
      const [reply = '', name = '', ...args] = taken.words
      void answer({ name, args })
        .catch((error: unknown) => ({ status: 70, stderr: `${name}: ${String(error)}\n` }))
        .then((answered) => send(reply, answered))
    }
  })
  return () => socket.destroy()
}

/** The first whole call: a count, a line break and that many netstrings. */
export function takeCall(data: Buffer): { words: string[]; rest: Buffer } | undefined {
  const lineEnd = data.indexOf('\n')
  if (lineEnd === -1) return undefined
  const count = Number(data.toString('latin1', 0, lineEnd))
  const words: string[] = []
  let at = lineEnd + 1
  while (words.length < count) {
    const colon = data.indexOf(':', at)
    if (colon === -1) return undefined
    const end = colon + 1 + Number(data.toString('latin1', at, colon))
    if (end > data.length) return undefined
    words.push(data.toString('utf8', colon + 1, end))
    at = end
  }
  return { words, rest: data.subarray(at) }
}

/** The shim reads a line with its exit status and two lengths, then the bytes of both streams. */
function send(fifo: string, { status, stdout = '', stderr = '' }: Reply): void {
  let fd: number
  try {
    fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
    unlinkSync(fifo)
  } catch {
    return // whoever called is gone
  }
  const [out, err] = [Buffer.from(stdout), Buffer.from(stderr)]
  const socket = new Socket({ fd, readable: false, writable: true })
  socket.on('error', () => socket.destroy())
  socket.end(Buffer.concat([Buffer.from(`${status} ${out.length} ${err.length}\n`), out, err]))
}
