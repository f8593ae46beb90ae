import { existsSync, readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, type Option } from 'commander'
import { fileTrouble } from '../errors/file.js'
import { YurtSshError } from '../errors.js'
import { didYouMean } from '../inventory/nearest.js'
import { defaultsFile, type FileDefaults, type Given, noDefaults, problem } from './defaults-file.js'
import { repeatable } from './flags.js'
import { leavesOf, pathOf } from './leaves.js'

/** Flags that cannot have a default: what they do ends there. */
const withoutDefault = ['help', 'version']

/** Flags of a command that can have a default, by their long name without dashes. */
export function settable(command: Command): Map<string, Option> {
  const named = command.options.map((option) => [option.long?.replace(/^--/, '') ?? '', option] as const)
  return new Map(named.filter(([name]) => name !== '' && !withoutDefault.includes(name)))
}

/** The variable of a flag: `--run-dir` is YURT_SSH_RUN_DIR. */
export function variableOf(flag: string): string {
  return `YURT_SSH_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** Before a command reads its flags, gives it the defaults of the environment and of `yurt-ssh.yaml`: flag > env > file. */
export function readDefaults(program: Command, env: NodeJS.ProcessEnv = process.env): void {
  for (const above of [program, ...program.commands])
    above.hook('preSubcommand', async (_, command) => {
      if (command.commands.length === 0) await applyDefaults(program, command, env, readText())
    })
}

/** The default of one flag, for completion; undefined where there is none, or it cannot be read. */
export async function readDefault(
  program: Command,
  flag: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  try {
    const value = env[variableOf(flag)] || (await parse(readText(), program)).all.get(flag)?.value
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function readText(): string {
  try {
    return existsSync(defaultsFile) ? readFileSync(defaultsFile, 'utf8') : ''
  } catch (error) {
    throw problem(`${defaultsFile} cannot be read: ${fileTrouble('read', error).why}`)
  }
}

/** Most runs have no such file, and need no parser. */
async function parse(text: string, program: Command): Promise<FileDefaults> {
  if (text === '') return noDefaults()
  const { parseDefaults } = await import('./parse-defaults.js')
  return parseDefaults(text, leavesOf(program).map(pathOf))
}

/**
 * Sets defaults on a command that has not read its flags yet.
 * @throws YurtSshError USAGE_DEFAULTS: a flag that no command has, or a value that the flag does not take
 */
export async function applyDefaults(
  program: Command,
  command: Command,
  env: NodeJS.ProcessEnv,
  text: string,
): Promise<void> {
  const file = await parse(text, program)
  requireKnown(program, file)
  const own = file.byCommand.get(pathOf(command))
  for (const [flag, option] of settable(command)) {
    const variable = variableOf(flag)
    const set = env[variable]
    const given: Given | undefined =
      set === undefined || set === ''
        ? (own?.get(flag) ?? file.all.get(flag))
        : { value: set, where: variable }
    if (given === undefined) continue
    const value = read(option, given)
    if (value !== undefined) command.setOptionValueWithSource(option.attributeName(), value, 'config')
  }
}

function requireKnown(program: Command, file: FileDefaults): void {
  const everywhere = new Set(leavesOf(program).flatMap((command) => [...settable(command).keys()]))
  for (const [flag, { where }] of file.all)
    if (!everywhere.has(flag))
      throw problem(`${where}: no command has a flag --${flag}${didYouMean(flag, everywhere)}`)
  for (const [name, flags] of file.byCommand) {
    const command = leavesOf(program).find((one) => pathOf(one) === name)
    const known = command === undefined ? new Map<string, Option>() : settable(command)
    for (const [flag, { where }] of flags)
      if (!known.has(flag))
        throw problem(`${where}: ${name} has no flag --${flag}${didYouMean(flag, known.keys())}`)
  }
}

/** The value as commander would have it; undefined for a switch that is off. */
function read(option: Option, { value, where }: Given): unknown {
  const takesValue = option.required || option.optional
  const word = typeof value === 'string' ? value.toLowerCase() : value
  const on = word === true || word === 'true' || (word === '1' && !takesValue)
  const off = word === false || word === 'false' || (word === '0' && !takesValue)
  if (!takesValue || option.optional) {
    if (off) return undefined
    if (on) return option.parseArg === undefined || takesValue ? true : 1
  }
  if (typeof value === 'boolean') throw problem(`${where}: --${option.name()} takes a value`)
  // a switch that counts, such as -vv
  if (!takesValue && option.parseArg !== undefined && /^\d$/.test(value)) return Number(value)
  if (!takesValue) throw problem(`${where}: --${option.name()} is on or off: write true or false`)
  if (repeatable.includes(option.name())) return value.split(',').map((one) => one.trim())
  if (option.parseArg === undefined) return value
  try {
    return option.parseArg(value, undefined)
  } catch (error) {
    if (error instanceof YurtSshError) throw problem(`${where}: ${error.message}`)
    if (!(error instanceof InvalidArgumentError)) throw error
    throw problem(`${where}: --${option.name()} "${value}": ${error.message}`)
  }
}
