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
  bastion?: SshFields | string
}

export interface SshArgs {
  fields: SshFields
  /** Options that are not followed, by name only: a value may hold a secret. */
  ignored: string[]
}

/** Options of ssh that take a value of their own. */
const withValue = 'BbcDEeFIiJLlmOopPQRSWw'
const harmlessFlags = ['-C', '-q', '-T', '-x', '-a']
const harmlessOptions = [
  'controlmaster',
  'controlpath',
  'controlpersist',
  'compression',
  'loglevel',
  'forwardagent',
  'forwardx11',
]

/** Arguments for ssh as settings; undefined when a quote is left open. */
export function parseSshArgs(text: string): SshArgs | undefined {
  const words = splitWords(text)?.map((word) => word.text)
  return words === undefined ? undefined : readOptions(words).args
}

function readOptions(words: readonly string[]): { args: SshArgs; operands: string[] } {
  const fields: SshFields = {}
  const ignored: string[] = []
  const operands: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    if (!word.startsWith('-') || word === '-') {
      operands.push(word)
      continue
    }
    const letter = word.charAt(1)
    const value = !withValue.includes(letter)
      ? undefined
      : word.length > 2
        ? word.slice(2)
        : (words[++index] ?? '')
    const set = value === undefined ? undefined : fieldsOf(letter, value)
    // ssh takes the first value that it finds
    if (set !== undefined) Object.assign(fields, { ...set, ...fields })
    else if (!harmlessFlags.includes(word))
      ignored.push(letter === 'o' ? `-o ${optionName(value ?? '')}` : `-${letter}`)
  }
  return { args: { fields, ignored }, operands }
}

function optionName(option: string): string {
  return /^\s*([A-Za-z0-9]*)/.exec(option)?.[1] ?? ''
}

const optionOfLetter = new Map([
  ['J', 'proxyjump'],
  ['i', 'identityfile'],
  ['p', 'port'],
  ['l', 'user'],
])

/** The settings that an option stands for; undefined when it is not understood. */
function fieldsOf(letter: string, value: string): SshFields | undefined {
  if (letter === 'W') return value === '%h:%p' || value === '[%h]:%p' ? {} : undefined
  const [, name = '', setting = ''] =
    letter === 'o'
      ? (/^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/.exec(value) ?? [])
      : [value, optionOfLetter.get(letter), value]
  const key = name.toLowerCase()
  if (harmlessOptions.includes(key)) return {}
  return options.get(key)?.(setting.trim())
}

const options = new Map<string, (value: string) => SshFields | undefined>([
  ['proxyjump', jump],
  ['proxycommand', proxyCommand],
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

/** A command that does what ProxyJump does: `ssh -W %h:%p` with options that are understood, and one host. */
function proxyCommand(value: string): SshFields | undefined {
  if (value === 'none') return { bastion: 'none' }
  const words = splitWords(value)?.map(({ text }) => text) ?? []
  const program = words[0] === 'exec' ? 1 : 0
  if (!/^(\/\S*\/)?ssh$/.test(words[program] ?? '') || !words.some((word) => word.startsWith('-W')))
    return undefined
  const { args, operands } = readOptions(words.slice(program + 1))
  const [target, ...others] = operands
  const hop = target === undefined ? undefined : parseBastion(target)
  if (hop === undefined || others.length > 0 || args.ignored.length > 0 || 'bastion' in args.fields)
    return undefined
  return { bastion: { ...args.fields, ...hopFields(hop) } }
}
