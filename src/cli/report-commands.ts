import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { messageOf, YurtSshError } from '../errors.js'
import { toJson } from '../report/json.js'
import { renderJunit } from '../report/junit.js'
import { renderPage } from '../report/page.js'
import { listRuns, readRun } from '../report/record-reader.js'
import { renderReport } from '../report/report-text.js'
import { defaultRunsFolder } from '../report/runs.js'
import { renderRuns } from '../report/runs-table.js'
import { summarize } from '../report/summary.js'
import { runDirFlag } from './run-flags.js'
import { print, tell } from './terminal.js'

interface ReportFlags {
  runDir?: string
  html?: string
  junit?: string
  json?: string | boolean
}

/** Adds `runs` and `report`, which read the records of runs. */
export function reportCommands(program: Command): void {
  runDirFlag(program.command('runs').description('list the runs that left a record'))
    .option('--json', 'print the result as JSON')
    .action(({ runDir, json = false }: { runDir?: string; json?: boolean }) => {
      const runs = listRuns(folderOf(runDir))
      print(json, { runs }, renderRuns(runs))
    })

  runDirFlag(program.command('report').description('show or write the report of a run'))
    .argument('[run]', "the run's id, the beginning of it, or latest", 'latest')
    .option('--html <file>', 'write one HTML page that needs nothing else')
    .option('--junit <file>', 'write JUnit XML')
    .option('--json [file]', 'write JSON; to stdout without a file')
    .action((run: string, flags: ReportFlags) => writeReports(folderOf(flags.runDir), run, flags))
}

/** The page that --report asked for; that it cannot be written is told, and changes nothing of what the run came to. */
export function reportAfterRun(
  html: string | undefined,
  recorded: { runs: string; id: string } | undefined,
): void {
  if (html === undefined) return
  if (recorded === undefined) {
    tell(`nothing was run, so there is no ${html}`)
    return
  }
  try {
    writeReports(recorded.runs, recorded.id, { html })
  } catch (error) {
    tell(`no report: ${messageOf(error)}`)
  }
}

/** Writes what is asked for of a run; a few lines on stdout where nothing is. */
function writeReports(runs: string, name: string, { html, junit, json }: ReportFlags): void {
  const record = readRun(runs, name)
  const report = summarize(record)
  if (html !== undefined) write(html, renderPage(report, record.plan, record.log))
  if (junit !== undefined) write(junit, renderJunit(report))
  if (typeof json === 'string') write(json, `${toJson(report)}\n`)
  if (json === true) print(true, report, '')
  else if (html === undefined && junit === undefined && json === undefined)
    print(false, report, renderReport(report))
}

function folderOf(runDir: string | undefined): string {
  return runDir ?? defaultRunsFolder(process.env)
}

/** A report holds words of nodes: it is the operator's to hand on. */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 })
  } catch (cause) {
    throw new YurtSshError('USAGE_REPORT', `${path} cannot be written: ${messageOf(cause)}`, { cause })
  }
  tell(`written: ${path}`)
}
