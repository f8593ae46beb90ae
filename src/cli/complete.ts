import type { Argument, Command, Option } from 'commander'
import { visibleCommands } from './leaves.js'

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
  /** Hosts of a lab. */
  labHosts: () => Promise<string[]>
  runs: () => Promise<string[]>
}

/** `files` where the shell itself knows best. */
export type Completion = Candidate[] | 'files'

type Source = (names: Names) => Promise<string[]>

/** What a flag's value, or an argument, is taken from. */
const sources: Record<string, Source> = {
  limit: ({ hosts }) => hosts(),
  'leave-behind': ({ hosts }) => hosts(),
  'cloud-nodes': ({ nodes }) => nodes(),
  'autonomous-nodes': ({ nodes }) => nodes(),
  run: async ({ runs }) => ['latest', ...(await runs())],
  host: async ({ labHosts }) => ['api', ...(await labHosts())],
}

/** Flags and arguments that take a path. */
const files = [
  'inventory',
  'kubeconfig',
  'kubeadm-conf-path',
  'pod-manifest-path',
  'run-dir',
  'dir',
  'from',
  'snapshot',
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
  const { command, rest } = commandIn(program, words)
  if (command.commands.length > 0) return matching(commandsOf(command), current)
  const before = optionOf(command, words.at(-2) ?? '')
  if (before?.required) return valuesOf(before, current, '', names)
  const [, flag, value] = /^(--[^=]+)=(.*)$/.exec(current) ?? []
  const assigned = flag === undefined ? undefined : optionOf(command, flag)
  if (assigned !== undefined && flag !== undefined) return valuesOf(assigned, value ?? '', `${flag}=`, names)
  if (current.startsWith('-')) return matching(flagsOf(command), current)
  const argument = argumentAt(command, rest.slice(0, -1))
  if (argument === undefined) return matching(flagsOf(command), current)
  if (files.includes(argument.name())) return 'files'
  const known = sources[argument.name()]
  return matching(candidates(argument.argChoices ?? (known === undefined ? [] : await known(names))), current)
}

/** The values that words give a flag by one of its names, in their order. */
export function valuesIn(words: readonly string[], ...flags: string[]): string[] {
  return words.flatMap((word, index) => {
    if (flags.includes(word)) return words[index + 1] ?? []
    const flag = flags.find((name) => name.startsWith('--') && word.startsWith(`${name}=`))
    return flag === undefined ? [] : word.slice(flag.length + 1)
  })
}

/** The command or group that words begin with, and the words after it. */
function commandIn(above: Command, words: readonly string[]): { command: Command; rest: readonly string[] } {
  const next = words.length < 2 ? undefined : above.commands.find((one) => one.name() === words[0])
  return next === undefined ? { command: above, rest: words } : commandIn(next, words.slice(1))
}

/** The argument that comes after these words. */
function argumentAt(command: Command, words: readonly string[]): Argument | undefined {
  const given = words.filter(
    (word, index) => !word.startsWith('-') && optionOf(command, words[index - 1] ?? '')?.required !== true,
  )
  const all = command.registeredArguments
  return all[given.length] ?? all.find(({ variadic }) => variadic)
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
