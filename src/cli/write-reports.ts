import { accessSync, constants, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileError } from '../errors/file.js'
import { messageOf } from '../errors.js'
import { toJson } from '../report/json.js'
import { renderJunit } from '../report/junit.js'
import { renderPage } from '../report/page.js'
import { readRun } from '../report/record-reader.js'
import { renderReport } from '../report/report-text.js'
import { summarize } from '../report/summary.js'
import { tell } from './terminal.js'

/** Files to write a run's report to; `json` as a switch prints it. */
export interface Reports {
  html?: string
  junit?: string
  json?: string | boolean
}

/**
 * That a report can be written there is told before a run, not after it.
 * @throws YurtSshError USAGE_REPORT
 */
export function requirePlaceFor(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch (cause) {
    throw fileError('USAGE_REPORT', path, 'written', cause)
  }
}

/**
 * The page that --report asked for; that it cannot be written is told, and changes nothing of what the run came to. Returns
 * whether it was written.
 */
export function reportAfterRun(
  html: string | undefined,
  recorded: { runs: string; id: string } | undefined,
): boolean {
  if (html === undefined) return false
  if (recorded === undefined) {
    tell(`nothing was run, so there is no ${html}`)
    return false
  }
  try {
    writeReports(recorded.runs, recorded.id, { html })
    return true
  } catch (error) {
    tell(`no report: ${messageOf(error)}; \`yurt-ssh report ${recorded.id} --html FILE\` writes it later`)
    return false
  }
}

/**
 * Writes what is asked for of a run; a few lines on stdout where nothing is.
 * @throws YurtSshError USAGE_RUN, USAGE_REPORT
 */
export function writeReports(runs: string, name: string, { html, junit, json }: Reports): void {
  const record = readRun(runs, name)
  const report = summarize(record)
  if (html !== undefined) write(html, renderPage(report, record.plan, record.log))
  if (junit !== undefined) write(junit, renderJunit(report))
  if (typeof json === 'string') write(json, `${toJson(report)}\n`)
  if (json === true) process.stdout.write(`${toJson(report)}\n`)
  else if (html === undefined && junit === undefined && json === undefined)
    process.stdout.write(`${renderReport(report)}\n`)
}

/** A report holds words of nodes: it is the operator's to hand on. */
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 })
  } catch (cause) {
    throw fileError('USAGE_REPORT', path, 'written', cause)
  }
  tell(`written: ${path}`)
}
