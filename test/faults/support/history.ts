import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Fault } from './types.js'

const cache =
  process.env.YURT_SSH_CACHE ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'yurt-ssh')
const file = path.join(cache, 'faults.json')

/** When each case ran last, in milliseconds; it lives outside the checkout. */
function readHistory(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}

/** Notes that a case has run. */
export function noteRun(name: string): void {
  mkdirSync(cache, { recursive: true })
  writeFileSync(file, JSON.stringify({ ...readHistory(), [name]: Date.now() }, undefined, 1))
}

/** The cases that fit into so many minutes, those first that have not run for longest. */
export function choose(faults: readonly Fault[], minutes: number, history = readHistory()): Set<string> {
  const byAge = faults.toSorted((a, b) => (history[a.name] ?? 0) - (history[b.name] ?? 0))
  const chosen = new Set<string>()
  let left = minutes
  for (const { name, minutes: needed } of byAge) {
    if (needed > left) continue
    left -= needed
    chosen.add(name)
  }
  return chosen
}
