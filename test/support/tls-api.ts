import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'

/** Certificates of nobody, for a server named `kubernetes` at 127.0.0.1 and a client named `client`. */
export const pki = path.resolve('test/cases/tls')
const pem = (name: string): Buffer => readFileSync(path.join(pki, name))

/** What one request said of who asks, and which way it came. */
export interface Seen {
  path: string
  /** Authorization and Impersonate-*, sorted, as `name: value`. */
  headers: string[]
  certificate?: string
  servername?: string
  proxied?: string
}

/** Stand-ins for an API server with TLS, one without, and a proxy that leads to the one with TLS whatever it is asked for. */
export interface TlsApi {
  port: number
  plainPort: number
  proxyPort: number
  seen: Seen[]
  /** The status of the next answers. */
  statuses: number[]
  close(): Promise<void>
}

export async function tlsApi(): Promise<TlsApi> {
  const seen: Seen[] = []
  const statuses: number[] = []
  let proxied: string | undefined
  const listener: http.RequestListener = (request, response) => {
    const socket = request.socket as Partial<TLSSocket>
    const certificate = socket.getPeerCertificate?.().subject?.CN
    const headers: string[] = []
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      const name = (request.rawHeaders[at] ?? '').toLowerCase()
      if (/^(authorization|impersonate-.*)$/.test(name))
        headers.push(`${name}: ${request.rawHeaders[at + 1]}`)
    }
    seen.push({
      path: request.url?.split('?')[0] ?? '',
      headers: headers.sort(),
      ...(certificate !== undefined && { certificate: String(certificate) }),
      ...(socket.servername && { servername: socket.servername }),
      ...(proxied !== undefined && { proxied }),
    })
    response.writeHead(statuses.shift() ?? 200, { 'content-type': 'application/json' })
    response.end('{"gitVersion":"v1.20.2"}')
  }
  const server = https.createServer(
    {
      cert: pem('server.crt'),
      key: pem('server.key'),
      ca: pem('ca.crt'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    listener,
  )
  const plain = http.createServer(listener)
  const proxy = http.createServer((_, response) => response.writeHead(405).end())
  const open: net.Socket[] = []
  const port = await listen(server)
  proxy.on('connect', (request, socket: net.Socket) => {
    if (request.url === 'silent.invalid:443') return void open.push(socket)
    const { 'proxy-authorization': login } = request.headers
    proxied = `${request.url}${login === undefined ? '' : ` ${login}`}`
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    open.push(socket, onward)
    for (const end of [socket, onward]) end.on('error', () => undefined)
  })
  const all = [server, plain, proxy]
  return {
    port,
    plainPort: await listen(plain),
    proxyPort: await listen(proxy),
    seen,
    statuses,
    async close() {
      for (const socket of open) socket.destroy()
      for (const one of all) {
        one.closeAllConnections()
        await new Promise((resolve) => one.close(resolve))
      }
    },
  }
}

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
