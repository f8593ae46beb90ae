import type { Command } from 'commander'
import type { LockState } from '../cluster/lock.js'
import { type Flags, inventoryFlags } from './flags.js'
import { runDirFlag } from './run-flags.js'
import { ask, interruptions, print, tell } from './terminal.js'

/** Adds `unlock`. */
export function unlockCommand(program: Command): void {
  const command = program
    .command('unlock')
    .description("take the cluster's lock away from a run that is dead")
  runDirFlag(inventoryFlags(command))
    .option('--kubeconfig <file>', "kubeconfig, instead of the inventory's")
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print the result as JSON')
    .action(async ({ yes = false, json = false, ...flags }: Flags & { runDir?: string }) => {
      const { unlock } = await import('../commands/unlock.js')
      const { runsFolder } = await import('./runs-folder.js')
      const result = await unlock(
        { ...flags, runs: runsFolder(flags) },
        { signal: interruptions(), tell, approve: async (held) => ask(yes, await questionOf(held)) },
      )
      const { broken } = result
      const text =
        broken === undefined ? 'The cluster is not locked.' : `The lock of ${broken.holder} is broken.`
      await print(json, result, text)
    })
}

async function questionOf({ holder, since, renewed }: LockState): Promise<string> {
  const { instant, span } = await import('../report/page-words.js')
  const age = span(Math.max(0, Math.round((Date.now() - Date.parse(renewed)) / 1000)))
  return `The lock is held by ${holder} since ${instant(since)}, last renewed ${age} ago. Break it?`
}
