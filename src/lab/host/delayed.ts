import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** The socket as one whose bytes take `delay` milliseconds each way, in order. */
export function delayed(socket: Socket, delay: () => number): Duplex {
  let lastIn = 0
  let lastOut = 0
  const later = (last: number, act: () => void): number => {
    const wait = delay()
    const at = Math.max(last, performance.now() + wait)
    if (wait === 0 && at <= performance.now()) act()
    else setTimeout(act, at - performance.now())
    return at
  }
  const stream = new Duplex({
    read: () => void socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      lastOut = later(lastOut, () => void socket.write(chunk))
      done()
    },
    final(done) {
      lastOut = later(lastOut, () => void socket.end())
      done()
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk) => {
    lastIn = later(lastIn, () => void (stream.destroyed || stream.push(chunk)))
  })
  socket.on('end', () => {
    lastIn = later(lastIn, () => void (stream.destroyed || stream.push(null)))
  })
  socket.on('close', () => stream.destroy())
  return stream
}
