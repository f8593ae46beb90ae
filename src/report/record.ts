import { appendFileSync, closeSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileTrouble } from '../errors/file.js'
import { maskToken } from '../node/hub.js'
import { confirming, describeHostStep, isVisible } from '../plan/describe.js'
import type { Plan } from '../plan/types.js'
import type { Emit, RunEvent } from '../rollout/events.js'
import { toJson } from './json.js'
import { type RecordedEvent, type RunHeader, recordFiles, recordFormat } from './record-format.js'

export interface Recorder {
  folder: string
  emit: Emit
  /** Writes how the run ended; `failed` are the hosts for a next run's --limit. */
  finish: (end: object, failed: readonly string[]) => void
}

/**
 * The record of a run in `<runs>/<id>`. Every event is on disk when `emit` returns, so a killed client leaves what it saw.
 * What cannot be written is told to `warn` once and harms nothing.
 */
export function createRecorder(
  runs: string,
  header: RunHeader,
  plan: Plan,
  warn: (text: string) => void,
): Recorder {
  const folder = join(runs, header.id)
  const path = (...names: string[]): string => join(folder, ...names)
  let warned = false
  const attempt = (write: () => void): boolean => {
    try {
      write()
      return true
    } catch (error) {
      if (!warned)
        warn(
          `the record of this run is incomplete: ${folder} cannot be written: ${fileTrouble('written', error).why}`,
        )
      warned = true
      return false
    }
  }
  // Kept open: to open a file costs more than to write a line.
  const files = new Map<string, number>()
  const write = (name: string, text: string): void => {
    const file = files.get(name) ?? openSync(path(name), 'a', 0o600)
    files.set(name, file)
    appendFileSync(file, text)
  }
  const close = (name: string): void => {
    const file = files.get(name)
    files.delete(name)
    if (file !== undefined) attempt(() => closeSync(file))
  }
  // After a write that a full disk cut short, the next line must not be glued to it.
  let cut = false
  const append = (event: RecordedEvent): void => {
    const line = `${cut ? '\n' : ''}${maskToken(JSON.stringify(event))}\n`
    cut = !attempt(() => write(recordFiles.events, line))
  }
  attempt(() => {
    mkdirSync(path(recordFiles.hosts), { recursive: true, mode: 0o700 })
    writeWhole(path(recordFiles.header), toJson(header))
    writeWhole(path(recordFiles.plan), toJson({ format: recordFormat, plan }))
  })
  return {
    folder,
    emit(event) {
      const time = new Date().toISOString()
      const recorded = recordedEvent(event, time)
      if (recorded !== undefined) append(recorded)
      const line = hostLine(event)
      if (line === undefined || !('host' in event) || event.host === undefined) return
      const log = join(recordFiles.hosts, `${event.host}.log`)
      attempt(() => write(log, `${time} ${maskToken(line)}\n`))
      if (event.type === 'host-done') close(log)
    },
    finish(end, failed) {
      for (const name of [...files.keys()]) close(name)
      attempt(() => writeWhole(path(recordFiles.result), toJson(end)))
      if (failed.length > 0)
        attempt(() => writeWhole(path(recordFiles.failedHosts), `${failed.join('\n')}\n`))
    },
  }
}

/** A reader finds the whole file or none. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.part`, text, { mode: 0o600 })
  renameSync(`${path}.part`, path)
}

/** The event as `events.ndjson` has it: no content of files, and no output, which its host's log has. */
function recordedEvent(event: RunEvent, time: string): RecordedEvent | undefined {
  if (event.type === 'host-output') return undefined
  if (event.type !== 'host-step') return { time, ...event }
  const { type, host, step } = event
  return {
    time,
    type,
    host,
    step: step.kind,
    text: describeHostStep(step),
    reason: step.reason,
    ...(isVisible(step) ? {} : { hidden: true }),
  }
}

/** The event as the host's own log has it: our steps, and the node's own words. */
function hostLine(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'host':
      return `== ${event.title}`
    case 'host-step':
      return `-- ${describeHostStep(event.step)}`
    case 'host-output': {
      const [, word, text] = /^@ \d+ (\S+) ?(.*)$/.exec(event.line) ?? []
      if (word === 'step') return undefined
      return word === undefined ? `   ${event.line}` : `   ${word} ${text ?? ''}`.trimEnd()
    }
    case 'host-confirm':
      return `-- ${confirming}`
    case 'host-done': {
      const message = event.message === undefined ? '' : `: ${event.message}`
      return `== ${event.status} in ${event.seconds.toFixed(1)} s${message}`
    }
    case 'note':
      return `   note: ${event.text}`
    case 'phase':
    case 'phase-done':
    case 'wave':
    case 'cluster-step':
      return undefined
  }
}
