import type { Command } from 'commander'
import { runDirFlag } from './run-flags.js'
import { print } from './terminal.js'
import type { Reports } from './write-reports.js'

/** Adds `runs` and `report`, which read the records of runs. */
export function reportCommands(program: Command): void {
  runDirFlag(program.command('runs').description('list the runs that left a record'))
    .option('--json', 'print the result as JSON')
    .action(async ({ runDir, json = false }: { runDir?: string; json?: boolean }) => {
      const { listRuns } = await import('../report/record-reader.js')
      const { renderRuns } = await import('../report/runs-table.js')
      const { runsFolder } = await import('./runs-folder.js')
      const runs = listRuns(runsFolder({ runDir }))
      await print(json, { runs }, renderRuns(runs))
    })

  runDirFlag(program.command('report').description('show or write the report of a run'))
    .argument('[run]', "the run's id, the beginning of it, or latest", 'latest')
    .option('--html <file>', 'write one HTML page that needs nothing else')
    .option('--junit <file>', 'write JUnit XML')
    .option('--json [file]', 'write JSON; to stdout without a file')
    .action(async (run: string, { runDir, ...reports }: Reports & { runDir?: string }) => {
      const { writeReports } = await import('./write-reports.js')
      const { runsFolder } = await import('./runs-folder.js')
      writeReports(runsFolder({ runDir }), run, reports)
    })
}
