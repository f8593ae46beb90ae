import { spawn } from 'node:child_process'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import ssh2, { type ServerChannel, type Session } from 'ssh2'
import { delayed } from './delayed.js'

export interface SshServerOptions {
  /** Private key of the host. */
  hostKey: string
  /** The one public key that may log in, as an OpenSSH line. */
  operatorKey: string
  user: string
  /** Environment and leading words of every command. */
  env: Readonly<Record<string, string>>
  prefix: () => readonly string[]
  /** Milliseconds that every packet takes. */
  delay: () => number
  /** Whether connections are dropped as soon as they come. */
  refuses: () => boolean
}

/** sshd of a host: commands run in its own shell. */
export interface SshServer {
  readonly port: number
  /** Drops every connection that there is. */
  cut(): void
  close(): Promise<void>
}

export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const allowed = ssh2.utils.parseKey(options.operatorKey)
  if (allowed instanceof Error) throw allowed
  const sockets = new Set<Socket>()
  const commands = new Set<() => void>()
  const ssh = new ssh2.Server({ hostKeys: [options.hostKey] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      const known =
        context.method === 'publickey' &&
        context.username === options.user &&
        context.key.data.equals(allowed.getPublicSSH()) &&
        (context.signature === undefined ||
          context.blob === undefined ||
          allowed.verify(context.blob, context.signature, context.hashAlgo) === true)
      if (known) context.accept()
      else context.reject(['publickey'])
    })
    client.on('session', (accept) => serveSession(accept()))
  })

  function serveSession(session: Session): void {
    session.on('exec', (accept, _reject, { command }) => runCommand(accept(), command))
  }

  /** A command leads a process group, which ends with its channel as with a hang-up. */
  function runCommand(channel: ServerChannel, command: string): void {
    const [program = '', ...args] = [...options.prefix(), '/bin/sh', '-c', command]
    const child = spawn(program, args, { env: options.env, cwd: '/', detached: true })
    const end = (): void => hangUp(child.pid)
    commands.add(end)
    child.on('error', () => channel.close())
    channel.on('error', () => undefined)
    channel.pipe(child.stdin).on('error', () => undefined)
    child.stdout.pipe(channel, { end: false })
    child.stderr.pipe(channel.stderr, { end: false })
    channel.on('close', end)
    child.on('close', (status) => {
      commands.delete(end)
      channel.exit(status ?? 255)
      channel.end()
    })
  }

  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    if (options.refuses()) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    ssh.injectSocket(delayed(socket, options.delay) as Socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async close() {
      cut()
      for (const end of commands) end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function hangUp(leader: number | undefined): void {
  if (leader === undefined) return
  for (const signal of ['SIGHUP', 'SIGKILL'] as const) {
    try {
      process.kill(-leader, signal)
    } catch {
      // it is gone
    }
  }
}
