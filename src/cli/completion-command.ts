import { Argument, type Command } from 'commander'
import { loadInventory } from '../inventory/load.js'
import type { Host } from '../inventory/types.js'
import { defaultRunsFolder, runIds } from '../report/runs.js'
import { render } from '../templates.js'
import { complete, inventoryIn } from './complete.js'
import { readDefault } from './defaults.js'

/** Adds `completion`, which prints a shell's script, and the hidden command that the script asks. */
export function completionCommand(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'whose script').choices(['bash', 'zsh', 'fish']))
    .action((shell: string) => {
      process.stdout.write(render(`completion/${shell}.sh`, {}))
    })

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const hosts = (): Promise<Host[]> =>
        inventoryHosts(inventoryIn(words) ?? readDefault(program, 'inventory'))
      const found = await complete(program, words, {
        hosts: async () => [...new Set((await hosts()).flatMap(({ name, groups }) => [name, ...groups]))],
        nodes: async () => (await hosts()).map(({ node }) => node),
        runs: () => runIds(readDefault(program, 'run-dir') ?? defaultRunsFolder(process.env)),
      })
      const lines =
        found === 'files'
          ? [':files']
          : found.map(({ value, description }) =>
              description === undefined ? value : `${value}\t${description}`,
            )
      if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
    })
}

/** A shell that completes has no place for an error: an inventory that cannot be read has no names. */
async function inventoryHosts(file: string | undefined): Promise<Host[]> {
  if (file === undefined) return []
  try {
    return (await loadInventory([file], process.env)).hosts
  } catch {
    return []
  }
}
