import { createServer, type Server } from 'node:net'
import ssh2, { type ServerChannel } from 'ssh2'
import { quickSigner } from '../../ssh/signing.js'
import type { ReplayHost } from './host.js'
import { createFrameReader } from './scripts.js'

export interface ReplayServerOptions {
  /** By the address that a client connects to, all of them on the loopback. */
  hosts: ReadonlyMap<string, ReplayHost>
  hostKey: string
  /** The one public key that may log in, as an OpenSSH line. */
  operatorKey: string
}

/** Serves every replay host on an address of its own, all on one port, which is returned. */
export async function serveReplayHosts({
  hosts,
  hostKey,
  operatorKey,
}: ReplayServerOptions): Promise<number> {
  const allowed = parsedKey(operatorKey)
  // hosts and client share a machine that measures the client
  const key = quickSigner(parsedKey(hostKey)) as unknown as Buffer

  function sshServer(host: ReplayHost): ssh2.Server {
    return new ssh2.Server({ hostKeys: [{ key, passphrase: '' }] }, (client) => {
      client.on('error', () => undefined)
      client.on('authentication', (context) => {
        const known = context.method === 'publickey' && context.key.data.equals(allowed.getPublicSSH())
        const signed =
          known &&
          (context.signature === undefined ||
            context.blob === undefined ||
            allowed.verify(context.blob, context.signature, context.hashAlgo) === true)
        if (signed) context.accept()
        else context.reject(['publickey'])
      })
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec, _reject, { command }) => serveShell(acceptExec(), command, host))
      })
    })
  }

  let port = 0
  for (const [address, host] of hosts) {
    const ssh = sshServer(host)
    const server = createServer({ noDelay: true }, (socket) => ssh.injectSocket(socket))
    port = await listen(server, address, port)
  }
  return port
}

function parsedKey(text: string): ssh2.ParsedKey {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return key
}

/** A shell that says that it is root's, as src/ssh/root.ts asks for, and reads framed scripts from its stdin. */
function serveShell(channel: ServerChannel, command: string, host: ReplayHost): void {
  channel.on('error', () => undefined)
  channel.write(`${/echo (\w+) \$\(id -u\)/.exec(command)?.[1]} 0\n`)
  const read = createFrameReader(({ begin, end, text }) => {
    const { status, stdout, stderr } = host.answer(text)
    channel.write(`${begin}\n${stdout}${end} ${status}\n`)
    channel.stderr.write(`${begin}\n${stderr}${end}\n`)
  })
  channel.setEncoding('utf8').on('data', read)
  channel.on('end', () => {
    channel.exit(0)
    channel.end()
  })
}

function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}
