import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import type { Result } from './part.js'
import { renderResult } from './table.js'

/**
 * Puts a result between its markers in a Markdown file, with the machine and the day; other parts stay.
 * @throws Error when the file lacks the markers
 */
export function writeIntoDocument(file: string, result: Result): void {
  const text = readFileSync(file, 'utf8')
  const [begin, end] = [`<!-- bench:${result.part} -->`, `<!-- /bench:${result.part} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${file} has no ${begin} … ${end}`)
  const part = `${begin}\n\n${renderResult({ ...result, notes: [...result.notes, machine()] })}\n\n`
  writeFileSync(file, text.slice(0, from) + part + text.slice(to))
}

function machine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, ${processors.length} cores (${processors[0]?.model.trim()}), ${memory} GiB, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)} at the end`
}
