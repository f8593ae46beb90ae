import { type BastionText, parseBastion, parseBastions } from '../address.js'
import { splitWords } from './words.js'

/** Settings as the native format has them. */
export interface SshFields {
  address?: string
  port?: number
  user?: string
  identityFile?: string[]
  identitiesOnly?: boolean
  knownHosts?: string[]
  strictHostKeyChecking?: string
  connectTimeout?: number
  config?: string
  proxyCommand?: string
  bastion?: SshFields | string
}

export interface SshArgs {
  fields: SshFields
  /** Options that are not followed, by name only: a value may hold a secret. */
  ignored: string[]
  /** The same of those that say which machine is reached, by what way, or whose key it is to have. */
  refused: string[]
}

/** Options of ssh that take a value of their own. */
const withValue = 'BbcDEeFIiJLlmOopPQRSWw'
const harmlessFlags = 'CqTxa'
const harmlessOptions = [
  'controlmaster',
  'controlpath',
  'controlpersist',
  'compression',
  'loglevel',
  'forwardagent',
  'forwardx11',
]
/** Without them another machine may answer: many sites share their private addresses. */
const decisiveFlags = 'BbFJlPpW'
const decisiveOptions = [
  'bindaddress',
  'bindinterface',
  'canonicalizehostname',
  'globalknownhostsfile',
  'hostkeyalias',
  'hostname',
  'include',
  'port',
  'proxycommand',
  'proxyjump',
  'proxyusefdpass',
  'revokedhostkeys',
  'tag',
  'user',
  'userknownhostsfile',
]

/** Arguments for ssh as settings; undefined when a quote is left open. */
export function parseSshArgs(text: string): SshArgs | undefined {
  const words = splitWords(text)?.map((word) => word.text)
  if (words === undefined) return undefined
  const { fields, ignored, refused, operands, forwards } = readOptions(words)
  // ssh would take a word that is no option for the host
  const wrong = [...(forwards ? ['-W'] : []), ...(operands.length > 0 ? ['a word that is no option'] : [])]
  return { fields, ignored, refused: [...refused, ...wrong] }
}

/** What counts of two sets of options: ssh takes the first value that it finds, and the first of the two ways to go. */
export function firstOf(earlier: SshFields, later: SshFields): SshFields {
  const { bastion, proxyCommand, ...rest } = later
  const onTheWay = earlier.proxyCommand !== undefined || typeof earlier.bastion === 'object'
  return {
    ...rest,
    ...(bastion !== undefined && !onTheWay && { bastion }),
    ...(proxyCommand !== undefined && !onTheWay && { proxyCommand }),
    ...earlier,
  }
}

interface Options extends SshArgs {
  operands: string[]
  /** Whether it forwards its stdin and stdout to the host: `-W %h:%p`. */
  forwards: boolean
}

function readOptions(words: readonly string[]): Options {
  const options: Options = { fields: {}, ignored: [], refused: [], operands: [], forwards: false }
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') options.operands.push(...rest.splice(0))
    else if (word.startsWith('-') && word !== '-') readFlags(word.slice(1), rest, options)
    else options.operands.push(word)
  }
  return options
}

/** The letters of one word, as getopt reads them: the first that takes a value has the rest of the word, or the next word. */
function readFlags(letters: string, rest: string[], options: Options): void {
  const [letter, others] = [letters.charAt(0), letters.slice(1)]
  if (letter === '') return
  if (!withValue.includes(letter)) {
    if (!harmlessFlags.includes(letter)) options.ignored.push(`-${letter}`)
    readFlags(others, rest, options)
    return
  }
  const value = others === '' ? (rest.shift() ?? '') : others
  const set = fieldsOf(letter, value)
  const name = letter === 'o' ? optionName(value) : letter
  const decisive =
    letter === 'o' ? decisiveOptions.includes(name.toLowerCase()) : decisiveFlags.includes(name)
  if (set !== undefined) options.fields = firstOf(options.fields, set)
  else if (letter === 'W' && /^(%h|\[%h\]):%p$/.test(value)) options.forwards = true
  else options[decisive ? 'refused' : 'ignored'].push(letter === 'o' ? `-o ${name}` : `-${letter}`)
}

function optionName(option: string): string {
  return /^\s*([A-Za-z0-9]*)/.exec(option)?.[1] ?? ''
}

const optionOfLetter = new Map([
  ['F', 'config'],
  ['J', 'proxyjump'],
  ['i', 'identityfile'],
  ['p', 'port'],
  ['l', 'user'],
])

/** The settings that an option stands for; undefined when it is not understood. */
function fieldsOf(letter: string, value: string): SshFields | undefined {
  const [, name = '', setting = ''] =
    letter === 'o'
      ? (/^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/s.exec(value) ?? [])
      : [value, optionOfLetter.get(letter), value]
  const key = name.toLowerCase()
  if (harmlessOptions.includes(key)) return {}
  if (key === 'config' && letter === 'o') return undefined
  return options.get(key)?.(setting.trim())
}

const options = new Map<string, (value: string) => SshFields | undefined>([
  ['config', (value) => plain(value, { config: value })],
  ['proxyjump', jump],
  ['proxycommand', (value) => (value === '' ? undefined : { proxyCommand: value })],
  ['globalknownhostsfile', (value) => (['none', '/dev/null'].includes(value) ? {} : undefined)],
  ['proxyusefdpass', (value) => (value === 'no' ? {} : undefined)],
  ['canonicalizehostname', (value) => (value === 'no' ? {} : undefined)],
  ['identityfile', (value) => plain(value, { identityFile: [value] })],
  ['identitiesonly', (value) => (isYesOrNo(value) ? { identitiesOnly: value === 'yes' } : undefined)],
  ['port', (value) => whole(value, { port: Number(value) })],
  ['user', (value) => plain(value, { user: value })],
  ['connecttimeout', (value) => whole(value, { connectTimeout: Number(value) })],
  ['stricthostkeychecking', (value) => checking(value.toLowerCase())],
  ['userknownhostsfile', (value) => plain(value, { knownHosts: value === 'none' ? [] : value.split(/\s+/) })],
])

/** Tokens such as %d are ssh's own. */
function plain(value: string, fields: SshFields): SshFields | undefined {
  return value === '' || value.includes('%') ? undefined : fields
}

function whole(value: string, fields: SshFields): SshFields | undefined {
  return /^\d{1,5}$/.test(value) ? fields : undefined
}

function isYesOrNo(value: string): boolean {
  return value === 'yes' || value === 'no'
}

function checking(value: string): SshFields | undefined {
  if (value === 'accept-new') return { strictHostKeyChecking: 'accept-new' }
  if (value === 'no' || value === 'off') return { strictHostKeyChecking: 'off' }
  return ['yes', 'ask'].includes(value) ? { strictHostKeyChecking: 'strict' } : undefined
}

function jump(value: string): SshFields | undefined {
  if (value === 'none') return { bastion: value }
  const [first, ...others] = parseBastions(value)?.map(hopFields) ?? []
  if (first === undefined) return undefined
  return { bastion: others.reduce((before, hop) => ({ ...hop, bastion: before }), first) }
}

function hopFields({ address, port, user }: BastionText): SshFields {
  return { address, ...(port !== undefined && { port }), ...(user !== undefined && { user }) }
}

/**
 * The bastion of a command that does what ProxyJump does: `ssh -W %h:%p` with options that are understood, and one host.
 * All hosts behind it share a connection, which they would not by commands of their own. Undefined of any other command.
 */
export function bastionOf(command: string): SshFields | undefined {
  if (/[$`;&|<>(){}*?!\\]/.test(command)) return undefined
  const words = splitWords(command)?.map(({ text }) => text) ?? []
  const program = words[0] === 'exec' ? 1 : 0
  if (!/^(\/\S*\/)?ssh$/.test(words[program] ?? '')) return undefined
  const { fields, ignored, refused, operands, forwards } = readOptions(words.slice(program + 1))
  const [target, ...others] = operands
  const hop = target === undefined ? undefined : parseBastion(target)
  if (hop === undefined || !forwards || others.length + ignored.length + refused.length > 0) return undefined
  if ('bastion' in fields || 'proxyCommand' in fields || 'config' in fields) return undefined
  return { ...fields, ...hopFields(hop) }
}
