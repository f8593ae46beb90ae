import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import type { Host } from '../inventory/types.js'
import { complete, valuesIn } from './complete.js'
import { readDefault } from './defaults.js'

/** Adds `completion`, which prints a shell's script, and the hidden command that the script asks. */
export function completionCommand(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'whose script').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => {
      const { render } = await import('../templates.js')
      process.stdout.write(render(`completion/${shell}.sh`, {}))
    })

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const hosts = async (): Promise<Host[]> => inventoryHosts(await inventoriesOf(program, words))
      const found = await complete(program, words, {
        hosts: async () => [...new Set((await hosts()).flatMap(({ name, groups }) => [name, ...groups]))],
        nodes: async () => (await hosts()).map(({ node }) => node),
        labHosts: async () => {
          const dir = valuesIn(words, '--dir').at(-1) ?? (await readDefault(program, 'dir'))
          return dir === undefined ? [] : namesOf(await inventoryHosts([join(dir, 'inventory.yaml')]))
        },
        runs: async () => {
          const { defaultRunsFolder, runIds } = await import('../report/runs.js')
          return runIds((await readDefault(program, 'run-dir')) ?? defaultRunsFolder(process.env))
        },
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

/** The shell's standard input is not ours to read. */
async function inventoriesOf(program: Command, words: readonly string[]): Promise<string[]> {
  const given = valuesIn(words, '-i', '--inventory')
  const files = given.length > 0 ? given : ((await readDefault(program, 'inventory'))?.split(',') ?? [])
  return files.map((file) => file.trim()).filter((file) => file !== '-')
}

function namesOf(hosts: readonly Host[]): string[] {
  return hosts.map(({ name }) => name)
}

/** A shell that completes has no place for an error: an inventory that cannot be read has no names. */
async function inventoryHosts(files: readonly string[]): Promise<Host[]> {
  if (files.length === 0) return []
  try {
    const { loadInventory } = await import('../inventory/load.js')
    return (await loadInventory(files, process.env)).hosts
  } catch {
    return []
  }
}
