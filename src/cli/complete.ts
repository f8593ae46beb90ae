import type { Command, Option } from 'commander'

/** A word that a shell may offer. */
export interface Candidate {
  value: string
  description?: string
}

/** Names for values that only the machine knows; each is read when it is needed. */
export interface Names {
  /** Hosts and groups of an inventory, as --limit takes them. */
  hosts: () => Promise<string[]>
  /** Nodes of an inventory. */
  nodes: () => Promise<string[]>
  runs: () => string[]
}

/** `files` where the shell itself knows best. */
export type Completion = Candidate[] | 'files'

type Source = (names: Names) => string[] | Promise<string[]>

/** What a flag's value, or an argument, is taken from. */
const sources: Record<string, Source> = {
  limit: ({ hosts }) => hosts(),
  'leave-behind': ({ hosts }) => hosts(),
  'cloud-nodes': ({ nodes }) => nodes(),
  'autonomous-nodes': ({ nodes }) => nodes(),
  run: ({ runs }) => ['latest', ...runs()],
}

/** Flags and arguments that take a path. */
const files = [
  'inventory',
  'kubeconfig',
  'kubeadm-conf-path',
  'pod-manifest-path',
  'run-dir',
  'report',
  'html',
  'junit',
  'out',
  'file',
]

/** What fits at the end of `words`, the words after `yurt-ssh`; the last one is what was typed of it so far. */
export async function complete(
  program: Command,
  words: readonly string[],
  names: Names,
): Promise<Completion> {
  const current = words.at(-1) ?? ''
  const command = program.commands.find((one) => one.name() === words[0])
  if (words.length < 2 || command === undefined) return matching(commandsOf(program), current)
  const before = optionOf(command, words.at(-2) ?? '')
  if (before?.required) return valuesOf(before, current, '', names)
  const [, flag, value] = /^(--[^=]+)=(.*)$/.exec(current) ?? []
  const assigned = flag === undefined ? undefined : optionOf(command, flag)
  if (assigned !== undefined && flag !== undefined) return valuesOf(assigned, value ?? '', `${flag}=`, names)
  if (current.startsWith('-')) return matching(flagsOf(command), current)
  const [argument] = command.registeredArguments
  if (argument === undefined) return matching(flagsOf(command), current)
  if (files.includes(argument.name())) return 'files'
  const known = sources[argument.name()]
  return matching(candidates(argument.argChoices ?? (known === undefined ? [] : await known(names))), current)
}

/** The inventory that words name, undefined when they name none. */
export function inventoryIn(words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => word === '-i' || word === '--inventory')
  if (at >= 0 && at < words.length - 1) return words[at + 1]
  return words.findLast((word) => word.startsWith('--inventory='))?.slice('--inventory='.length)
}

/** Of a list only its last word is completed; what stands before it, and a `!`, stays. */
async function valuesOf(option: Option, value: string, prefix: string, names: Names): Promise<Completion> {
  const name = option.long?.slice(2) ?? ''
  if (option.argChoices !== undefined) return matching(candidates(option.argChoices, prefix), prefix + value)
  const source = sources[name]
  if (source === undefined) return files.includes(name) ? 'files' : []
  const typed = `${prefix}${value.slice(0, value.lastIndexOf(',') + 1)}`
  const negated = name === 'limit' && value.slice(value.lastIndexOf(',') + 1).startsWith('!') ? '!' : ''
  return matching(candidates(await source(names), typed + negated), prefix + value)
}

function optionOf(command: Command, word: string): Option | undefined {
  return command.options.find(({ short, long }) => word !== '' && (word === short || word === long))
}

function commandsOf(program: Command): Candidate[] {
  return visibleCommands(program).map((one) => ({ value: one.name(), description: one.description() }))
}

/** Commands that --help shows, but for `help` itself. */
export function visibleCommands(program: Command): Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((one) => one.name() !== 'help')
}

function flagsOf(command: Command): Candidate[] {
  return command.options.flatMap(({ long, description }) =>
    long === undefined ? [] : [{ value: long, description }],
  )
}

function candidates(values: readonly string[], prefix = ''): Candidate[] {
  return values.map((value) => ({ value: prefix + value }))
}

function matching(all: readonly Candidate[], current: string): Candidate[] {
  return all.filter(({ value }) => value.startsWith(current))
}
