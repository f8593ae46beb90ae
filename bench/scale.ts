import { commands } from './commands.js'
import { measureCli } from './measure.js'
import type { Part, Row } from './part.js'
import { recordReplay } from './record.js'
import { startReplay } from './replay.js'

/** The CLI's own cost by the number of hosts, against replay hosts in a process of their own. */
export const scale: Part = async ({ sizes, forks, tell }) => {
  const recording = await recordReplay()
  const rows: Row[] = []
  for (const count of sizes) {
    const replay = await startReplay(count, recording)
    try {
      for (const { what, args, exitCodes } of commands) {
        tell(`${count} replay hosts: ${what}`)
        const given = [...args, '-i', replay.inventory, '--forks', String(forks)]
        const { seconds, cpuSeconds, peakMegabytes, lagMilliseconds } = await measureCli(given, exitCodes)
        const values = {
          hosts: count,
          'wall s': seconds,
          'CPU s': cpuSeconds,
          'CPU ms per host': (cpuSeconds * 1000) / count,
          'peak MB': peakMegabytes,
          'loop lag p99 ms': lagMilliseconds,
        }
        rows.push({ what, values })
      }
    } finally {
      replay.stop()
    }
  }
  return {
    part: 'scale',
    title: 'Replay hosts: cost of the CLI alone',
    columns: ['hosts', 'wall s', 'CPU s', 'CPU ms per host', 'peak MB', 'loop lag p99 ms'],
    rows,
    notes: [
      `forks ${forks}, a plain known_hosts file, one ed25519 key, hosts and API in another process on the same machine`,
      'a convert waits about 1 s whatever the number of hosts: a Lease must be seen being renewed, twice',
    ],
  }
}
