import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A wire between a client and a port that can be cut. */
export interface Link {
  readonly port: number
  /** Cuts all connections, now or after so many more bytes towards the server. */
  cut(afterBytes?: number): void
  /** From now on nothing passes, but nobody is told. */
  freeze(): void
  close(): Promise<void>
}

/** A wire to a loopback port; the first `drops` connections are closed as soon as they are made. */
export async function startLink(target: number, drops = 0): Promise<Link> {
  const sockets = new Set<Socket>()
  let dropsLeft = drops
  let bytesLeft = Number.POSITIVE_INFINITY
  let frozen = false
  const cutAll = () => {
    bytesLeft = Number.POSITIVE_INFINITY
    sockets.forEach((socket) => void socket.resetAndDestroy())
  }
  const server = createServer({ noDelay: true }, (near) => {
    if (dropsLeft-- > 0) return void near.destroy()
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    near.on('data', (chunk) => {
      bytesLeft -= chunk.length
      if (bytesLeft <= 0) cutAll()
      else if (!frozen) far.write(chunk)
    })
    far.on('data', (chunk) => frozen || near.write(chunk))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut(afterBytes = 0) {
      bytesLeft = afterBytes
      if (afterBytes === 0) cutAll()
    },
    freeze() {
      frozen = true
    },
    async close() {
      cutAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
