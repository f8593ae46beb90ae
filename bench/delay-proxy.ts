import { connect, createServer, type Server, type Socket } from 'node:net'

/** A slow wire in front of a host. */
export interface SlowWire {
  /** How often a client on it has waited for the other end, the TCP handshake included, by connection. */
  waits(): number[]
  close(): void
}

/**
 * Takes connections at `address` and hands them to `target`, half a round trip later in each direction. A wait is
 * counted where bytes reach the client after it has spoken: what it sends without waiting counts once.
 */
export async function slowWire(
  address: string,
  target: string,
  port: number,
  roundTripMs: number,
): Promise<SlowWire> {
  const counts: { waits: number }[] = []
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: target, port, noDelay: true })
    const count = { waits: 1 }
    counts.push(count)
    let spoken = false
    delayed(near, roundTripMs / 2, (piece) => far.write(piece))
    near.on('data', () => {
      spoken = true
    })
    delayed(far, roundTripMs / 2, (piece) => {
      if (spoken) count.waits += 1
      spoken = false
      near.write(piece)
    })
    near.on('close', () => far.destroy()).on('error', () => undefined)
    far.on('close', () => near.destroy()).on('error', () => undefined)
  })
  await listening(server, address, port)
  return { waits: () => counts.map(({ waits }) => waits), close: () => server.close() }
}

function delayed(from: Socket, milliseconds: number, pass: (piece: Buffer) => void): void {
  from.on('data', (piece: Buffer) => setTimeout(() => pass(piece), milliseconds))
}

function listening(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
}
