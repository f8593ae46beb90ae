import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createKey } from '../access.js'
import { openApi } from '../api/server.js'
import { createClock } from '../clock.js'
import { recordCommit, replayObjects, runReplayControllers } from './cluster.js'
import { inventoryText, knownHostsText, replayFleet } from './fleet.js'
import { createReplayHost } from './host.js'
import type { Recording } from './recording.js'
import { serveReplayHosts } from './ssh-server.js'

/**
 * A process of replay hosts and their API server, which exist only to measure scale. Takes a count, a recording and a
 * folder; puts inventory, keys, known_hosts and kubeconfig into the folder and prints the hosts' port. Ends with its stdin.
 */
async function main([count = '', recordingFile = '', folder = '']: readonly string[]): Promise<void> {
  const recording = JSON.parse(readFileSync(recordingFile, 'utf8')) as Recording
  const fleet = replayFleet(Number(count))
  const api = await openApi({ clock: createClock(), objects: replayObjects(fleet, Date.now()) })
  runReplayControllers(api, fleet[0]?.name ?? '')
  const hostKey = createKey('replay')
  const operator = createKey('bench')
  const hosts = new Map(
    fleet.map(({ name, role, address }) => [
      address,
      createReplayHost(name, role, recording[role], (commit) => recordCommit(api, commit, Date.now())),
    ]),
  )
  const port = await serveReplayHosts({ hosts, hostKey: hostKey.private, operatorKey: operator.public })
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
  put('id', operator.private)
  put('kubeconfig', api.kubeconfig)
  put('known_hosts', knownHostsText(fleet, port, hostKey.public))
  put('inventory.yaml', inventoryText(fleet, port))
  process.stdout.write(`${port}\n`)
  process.stdin.resume().on('end', () => process.exit(0))
}

await main(process.argv.slice(2))
