import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Client } from 'ssh2'
import { login } from './inventory.js'
import { labDirectory } from './lab.js'
import type { Finished } from './process.js'

/** Runs a script as root on a host of the embedded lab, by a login of its own. */
export async function onEmbeddedHost(host: string, script: string, seconds: number): Promise<Finished> {
  const { port, user } = login(host)
  const client = new Client()
  const limit = setTimeout(() => client.destroy(), seconds * 1000)
  try {
    return await new Promise<Finished>((resolve, reject) => {
      client.on('error', reject)
      client.on('close', () => reject(new Error(`${host}: not done within ${seconds} s, or cut off`)))
      client.on('ready', () =>
        client.exec(user === 'root' ? 'sh -eu' : 'sudo -n sh -eu', (error, channel) => {
          if (error) return reject(error)
          const result = { status: -1, stdout: '', stderr: '' }
          channel.setEncoding('utf8').on('data', (text: string) => {
            result.stdout += text
          })
          channel.stderr.setEncoding('utf8').on('data', (text: string) => {
            result.stderr += text
          })
          channel.on('exit', (code: number | null) => {
            result.status = code ?? -1
          })
          channel.on('close', () => resolve(result))
          channel.end(script)
        }),
      )
      client.connect({
        host: '127.0.0.1',
        port,
        username: user,
        privateKey: readFileSync(path.join(labDirectory, 'id_ed25519')),
      })
      client.setNoDelay(true)
    })
  } finally {
    clearTimeout(limit)
    client.end()
  }
}
