import { existsSync, readFileSync } from 'node:fs'
import { readEnvironment } from './environment.js'
import { serviceValues, type UnitSetting, wordsOf } from './unit-text.js'

/** What a unit starts, or why it cannot. */
export type UnitCommand = { argv: string[]; env: Record<string, string> } | { problem: string }

export interface EnvironmentFilePath {
  path: string
  optional: boolean
}

/** The EnvironmentFile= lines in force; a leading dash makes one optional. */
export function environmentFiles(settings: UnitSetting[]): EnvironmentFilePath[] {
  return serviceValues(settings, 'EnvironmentFile').map((value) => ({
    path: value.replace(/^-/, ''),
    optional: value.startsWith('-'),
  }))
}

/**
 * The command line of the ExecStart= in force. A word that is `$NAME` becomes the words of its value, `${NAME}` inside a
 * word its text (systemd.service(5), command lines); files count before Environment=.
 */
export function unitCommand(root: string, settings: UnitSetting[]): UnitCommand {
  const env = new Map(serviceValues(settings, 'Environment').flatMap(wordsOf).map(pair))
  for (const { path, optional } of environmentFiles(settings)) {
    if (existsSync(root + path)) {
      for (const [name, value] of readEnvironment(readFileSync(root + path, 'utf8'))) env.set(name, value)
    } else if (!optional)
      return { problem: `Failed to load environment files: ${path}: No such file or directory` }
  }
  const exec = serviceValues(settings, 'ExecStart').at(-1)
  if (exec === undefined) return { problem: 'Service has no ExecStart= setting. Refusing.' }
  const argv = wordsOf(exec).flatMap((word) => {
    const whole = /^\$(\w+)$/.exec(word)?.[1]
    if (whole !== undefined) return wordsOf(env.get(whole) ?? '')
    return [word.replace(/\$\{(\w+)\}/g, (_, name: string) => env.get(name) ?? '')]
  })
  return { argv, env: Object.fromEntries(env) }
}

function pair(word: string): [string, string] {
  const [name = '', ...rest] = word.split('=')
  return [name, rest.join('=')]
}
