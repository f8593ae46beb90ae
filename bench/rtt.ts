import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replayAddress } from '../src/lab/replay/fleet.js'
import { commands } from './commands.js'
import { slowWire } from './delay-proxy.js'
import { measureCli, median } from './measure.js'
import type { Part, Row } from './part.js'
import { recordReplay } from './record.js'
import { type ReplayProcess, startReplay } from './replay.js'

const hosts = 10
const roundTripMs = 100

/** How often a run waits for a host whose round trip takes 100 ms: counted on the wire. */
export const rtt: Part = async ({ tell }) => {
  const replay = await startReplay(hosts, await recordReplay())
  const inventory = farInventory(replay)
  const rows: Row[] = []
  try {
    for (const { what, args, exitCodes } of commands) {
      tell(`100 ms away: ${what}`)
      const wires = await Promise.all(
        Array.from({ length: hosts }, (_, index) =>
          slowWire(replayAddress(index, 2), replayAddress(index, 1), replay.port, roundTripMs),
        ),
      )
      const { seconds } = await measureCli([...args, '-i', inventory], exitCodes)
      const waits = wires.map((wire) => wire.waits().reduce((sum, count) => sum + count, 0))
      for (const wire of wires) wire.close()
      rows.push({ what, values: { median: median(waits), most: Math.max(...waits), 'wall s': seconds } })
    }
  } finally {
    replay.stop()
  }
  return {
    part: 'rtt',
    title: `Round trips per host, ${hosts} hosts ${roundTripMs} ms away`,
    columns: ['median', 'most', 'wall s'],
    rows,
    notes: [
      'TCP handshake, key exchange and login included; one key, root, no password; the host answers at once',
    ],
  }
}

/** The same fleet at the far end of slow wires. */
function farInventory({ folder, inventory }: ReplayProcess): string {
  const far = (text: string): string => text.replace(/\b127\.1\.(\d+\.\d+)/g, '127.2.$1')
  const knownHosts = join(folder, 'known_hosts')
  writeFileSync(knownHosts, far(readFileSync(knownHosts, 'utf8')))
  const path = join(folder, 'far.yaml')
  writeFileSync(path, far(readFileSync(inventory, 'utf8')))
  return path
}
