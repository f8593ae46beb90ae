import { existsSync, readFileSync } from 'node:fs'
import { environmentOf } from '../../../node/environment-file.js'
import { inForce, type UnitSetting, unitEnvironment } from '../../../node/unit-file.js'
import { splitWords } from '../../../node/words.js'

/** What a unit starts, or why it cannot. */
export type UnitCommand = { argv: string[]; env: Record<string, string> } | { problem: string }

export interface EnvironmentFilePath {
  path: string
  optional: boolean
}

/** The EnvironmentFile= lines in force; a leading dash makes one optional. */
export function environmentFiles(settings: UnitSetting[]): EnvironmentFilePath[] {
  return inForce(settings, 'Service', 'EnvironmentFile').map(({ value }) => ({
    path: value.replace(/^-/, ''),
    optional: value.startsWith('-'),
  }))
}

/**
 * The command line of the ExecStart= in force. A word that is `$NAME` becomes the words of its value, `${NAME}` inside a
 * word its text (systemd.service(5), command lines); files count before Environment=.
 */
export function unitCommand(root: string, settings: UnitSetting[]): UnitCommand {
  const env = new Map(unitEnvironment(settings))
  for (const { path, optional } of environmentFiles(settings)) {
    if (existsSync(root + path)) {
      for (const [name, value] of environmentOf(readFileSync(root + path, 'utf8'))) env.set(name, value)
    } else if (!optional)
      return { problem: `Failed to load environment files: ${path}: No such file or directory` }
  }
  const exec = inForce(settings, 'Service', 'ExecStart').at(-1)
  if (exec === undefined) return { problem: 'Service has no ExecStart= setting. Refusing.' }
  const argv = splitWords(exec.value).flatMap(({ text }) => {
    const whole = /^\$(\w+)$/.exec(text)?.[1]
    if (whole !== undefined) return splitWords(env.get(whole) ?? '').map((word) => word.text)
    return [text.replace(/\$\{(\w+)\}/g, (_, name: string) => env.get(name) ?? '')]
  })
  return { argv, env: Object.fromEntries(env) }
}
