import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ShellHost } from './shell-host.js'
import { type Sshd, startSshd } from './sshd.js'

/** A real sshd whose every session is on this shell host, and the inventory entry that reaches it. */
export async function serveOverSsh(host: ShellHost): Promise<{ sshd: Sshd; entry: object }> {
  const assignments = Object.entries(host.env).map(([name, value]) => `"${name}=${value}"`)
  const sshd = await startSshd({ config: [`SetEnv ${assignments.join(' ')}`] })
  const knownHosts = join(sshd.folder, 'known_hosts')
  writeFileSync(knownHosts, sshd.hostKeys.map((key) => `[127.0.0.1]:${sshd.port} ${key}\n`).join(''))
  return {
    sshd,
    entry: {
      address: '127.0.0.1',
      role: 'edge',
      ssh: { port: sshd.port, user: 'root', identityFile: join(sshd.folder, 'id'), knownHosts },
    },
  }
}

/** An inventory file of these hosts. */
export function writeInventory(folder: string, kubeconfig: string, hosts: Record<string, object>): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'inventory.yaml')
  writeFileSync(file, JSON.stringify({ cluster: { kubeconfig }, openyurt: { release: 'v0.6.1' }, hosts }))
  return file
}
