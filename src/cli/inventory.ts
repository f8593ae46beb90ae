import type { Command } from 'commander'
import type { ExitCode } from '../errors.js'
import { type Flags, inventoryFlags } from './flags.js'
import { columns, print, tell } from './terminal.js'

/** `inventory init`, `validate` and `list`. */
export function inventoryCommands(program: Command, finish: (exitCode: ExitCode) => void): void {
  const group = program.command('inventory').description('write, check and show inventories')

  group
    .command('init')
    .description("print a commented inventory of the cluster's nodes, or of addresses")
    .argument('[addresses...]', 'addresses or ranges of them, such as 192.0.2.[1:9]')
    .option('--from <file>', 'file with an address a line')
    .option('--kubeconfig <file>', 'kubeconfig, instead of $KUBECONFIG or ~/.kube/config')
    .action(async (addresses: string[], given: { from?: string; kubeconfig?: string }) => {
      const { initInventory } = await import('../commands/inventory-init.js')
      process.stdout.write(await initInventory({ ...given, addresses }))
    })

  inventoryFlags(group.command('validate'))
    .description('check the files, and with --cluster the cluster too; connects to no host')
    .option('--cluster', "compare with the cluster's nodes")
    .option('--kubeconfig <file>', "kubeconfig, instead of the inventory's")
    .option('--json', 'print the result as JSON')
    .action(async ({ json = false, cluster = false, ...given }: Flags & { cluster?: boolean }) => {
      const { validateInventory } = await import('../commands/inventory.js')
      const { renderChecks } = await import('../report/checks.js')
      const result = await validateInventory({ ...given, cluster })
      const { hosts, warnings, unread, checks } = result
      const notes = [...warnings, ...unread]
      const summary = `${hosts} ${hosts === 1 ? 'host' : 'hosts'}, no mistakes in the files.`
      await print(
        json,
        result,
        [...notes, summary, ...(checks.length > 0 ? [renderChecks(checks, columns())] : [])].join('\n'),
      )
      finish(result.exitCode)
    })

  inventoryFlags(group.command('list'))
    .description('show groups and hosts as a tree')
    .option('--resolved', 'show every SSH setting of every host and where it comes from')
    .option('--json', 'print every setting of every host as JSON')
    .action(async ({ json = false, resolved = false, ...given }: Flags & { resolved?: boolean }) => {
      const { listInventory } = await import('../commands/inventory.js')
      const { renderInventoryTree } = await import('../report/inventory.js')
      const { renderResolved } = await import('../report/resolved.js')
      const result = await listInventory(given)
      for (const warning of result.warnings) tell(`WARNING: ${warning}`)
      const { hosts, groups } = result
      await print(json, result, resolved ? renderResolved(hosts) : renderInventoryTree(hosts, groups))
    })
}
