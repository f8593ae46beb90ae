import { spawn } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { render } from '../../src/templates.js'
import { scratchFolder } from '../support/scratch.js'
import { hasShell, type ShellKind, shellKinds } from '../support/shell-host.js'
import { requireTool } from '../support/tools.js'

/** A program for the host's PATH: one of this machine, or a script in its place. */
type Client = { name: 'bash' | 'nc'; link: string } | { name: 'bash' | 'nc'; script: string }

const clients: Client[] = [
  { name: 'bash', link: '/bin/bash' },
  { name: 'nc', link: '/bin/busybox' },
]

describe.each(shellKinds.filter(hasShell))('HTTP without curl, wget and python3 in $name', (kind) => {
  it.each([
    { url: 'https://api.fleet.example', asked: 'api.fleet.example 443', line: 'GET / HTTP/1.0' },
    { url: 'http://api.fleet.example/', asked: 'api.fleet.example 80', line: 'GET / HTTP/1.0' },
    {
      url: 'https://api.fleet.example/healthz',
      asked: 'api.fleet.example 443',
      line: 'GET /healthz HTTP/1.0',
    },
    { url: 'https://192.0.2.1:6443/healthz', asked: '192.0.2.1 6443', line: 'GET /healthz HTTP/1.0' },
    { url: 'https://[2001:db8::1]:6443/healthz', asked: '2001:db8::1 6443', line: 'GET /healthz HTTP/1.0' },
    { url: 'http://[2001:db8::1]/a/b?c=d:e', asked: '2001:db8::1 80', line: 'GET /a/b?c=d:e HTTP/1.0' },
  ])('asks for $url at $asked', async ({ url, asked, line }) => {
    const bash = 'printf "%s %s %s" "$4" "$5" "$6" > "$YURT_SSH_ROOT/asked"'
    const nc = 'read -r line; printf "%s %s %s" "$3" "$4" "$line" > "$YURT_SSH_ROOT/asked"'
    for (const [name, script] of [
      ['bash', bash],
      ['nc', nc],
    ] as const) {
      const { root } = await ask(kind, { name, script }, url)
      expect(readFileSync(join(root, 'asked'), 'utf8')).toContain(`${asked} ${line}`)
    }
  })

  it.each(clients)('takes a TLS server for one that answers, by $name', async (client) => {
    if (!requireTool(client.name === 'nc' ? 'busybox' : client.name)) return
    const alert = Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46])
    const port = await serve((socket) => socket.end(alert))
    for (let tries = 0; tries < 10; tries++)
      expect((await ask(kind, client, `https://127.0.0.1:${port}/healthz`)).stdout).toBe('200 ')
  })

  it('takes a connection that is closed or reset at once for an answer, by bash', async () => {
    if (!requireTool('bash')) return
    const closing = await serve((socket) => socket.end())
    const resetting = await serve((socket) => socket.resetAndDestroy())
    for (let tries = 0; tries < 15; tries++)
      for (const port of [closing, resetting])
        expect(
          (await ask(kind, { name: 'bash', link: '/bin/bash' }, `https://127.0.0.1:${port}`)).stdout,
        ).toBe('200 ')
  })

  it.each(clients)('reads status and body, and knows no answer from one, by $name', async (client) => {
    if (!requireTool(client.name === 'nc' ? 'busybox' : client.name)) return
    const port = await serve((socket) => socket.end('HTTP/1.1 503 Unavailable\r\nA: b\r\n\r\nnot yet\n'))
    const silent = await serve((socket) => socket.end())
    const free = await serve((socket) => socket.end(), true)
    const code = async (url: string): Promise<string> => (await ask(kind, client, url)).stdout
    expect(await code(`http://127.0.0.1:${port}/v1/healthz`)).toMatch(/^503 \s*not yet$/)
    expect(await code(`http://127.0.0.1:${silent}`)).toBe('000 ')
    expect(await code(`https://127.0.0.1:${free}`)).toBe('000 ')
  })
})

/** Asks on a host whose PATH has this client alone; prints status and body. */
function ask({ command }: ShellKind, client: Client, url: string): Promise<{ stdout: string; root: string }> {
  const root = scratchFolder('yurt-ssh-http-')
  const place = join(root, client.name)
  if ('link' in client) symlinkSync(client.link, place)
  else writeFileSync(place, `#!/bin/sh\n${client.script}\n`, { mode: 0o755 })
  writeFileSync(join(root, '.yurt-ssh-lab'), '')
  const [program = '', ...args] = command
  const child = spawn(program, [...args, '-s'], { env: { PATH: root, YURT_SSH_ROOT: root } })
  child.stdin.end(`${render('host/lib.sh', {})}\nhttp '${url}'\nprintf '%s %s' "$http_code" "$http_body"\n`)
  let stdout = ''
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece.toString()
  })
  return new Promise((resolve) => child.on('close', () => resolve({ stdout, root })))
}

/** A port of this machine where `answer` has the connections; with `closed` nobody listens there any more. */
async function serve(answer: (socket: Socket) => void, closed = false): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume()
    answer(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()))
  if (closed) await close()
  else onTestFinished(close)
  return port
}
