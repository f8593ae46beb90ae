import { z } from 'zod'
import { didYouMean } from './nearest.js'
import type { Problem } from './problems.js'
import { type InventoryInput, inventorySchema, partSchema } from './schema.js'
import type { Path, Source } from './source.js'

type Issue = z.core.$ZodIssue

/** A source as an inventory's tree, or everything that is wrong with its shape and values; of a `part`, nothing is missing. */
export function checkShape(
  source: Source,
  extent: 'whole' | 'part',
): { tree?: InventoryInput; problems: Problem[] } {
  const schema = extent === 'whole' ? inventorySchema : partSchema
  const result = schema.safeParse(source.value, { error: messageFor })
  const issues = result.error?.issues ?? []
  const problems = [...source.problems, ...issues.flatMap((issue) => problemsOf(issue, [], source))]
  return result.success && problems.length === 0 ? { tree: result.data, problems } : { problems }
}

function problemsOf(issue: Issue, outer: Path, source: Source): Problem[] {
  const path = [...outer, ...issue.path]
  if (issue.code === 'invalid_union') {
    return branchMeant(issue.errors).flatMap((inner) => problemsOf(inner, path, source))
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({
      position: source.keyAt(path),
      message: `${label(path)} ${message}`,
    }))
  }
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, index) => ({
      position: source.keyAt([...path, key]),
      message: messages[index] ?? '',
    }))
  }
  const code: unknown = issue.code === 'custom' ? issue.params?.code : undefined
  return [
    {
      position: source.valueAt(path),
      message: `${label(path)} ${issue.message}`,
      ...(typeof code === 'string' && { code }),
    },
  ]
}

/** The issues of the alternative whose type the value has; all alternatives' types when it has none of them. */
function branchMeant(branches: Issue[][]): Issue[] {
  const meant = branches.find((issues) => !issues.some((issue) => isWrongType(issue)))
  if (meant !== undefined) return meant
  const [first] = branches.flat()
  const types = branches
    .flat()
    .map((issue) => (issue.code === 'invalid_type' ? typeName(issue.expected) : ''))
  return first === undefined ? [] : [{ ...first, message: `must be ${types.join(' or ')}` }]
}

function isWrongType(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0
}

/** `port`, `hubArgs[1]`, `the inventory`. */
function label(path: Path): string {
  const depth = path.findLastIndex((step) => typeof step === 'string')
  const indexes = path.slice(depth + 1).map((step) => `[${String(step)}]`)
  return depth < 0 ? 'the inventory' : String(path[depth]) + indexes.join('')
}

/** What is wrong, to be read after the name of the value; undefined where the schema has words of its own. */
const messageFor: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing'
    const quote = issue.expected === 'string' && ['number', 'boolean'].includes(typeof issue.input)
    // `hosts: n1`
    const name = issue.expected === 'record' && /^[\w.-]+$/.test(String(issue.input))
    const help = quote ? ': put it in quotes' : name ? `: write { ${String(issue.input)}: {} }` : ''
    return `must be ${typeName(issue.expected)}, not ${describe(issue.input)}${help}`
  }
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String)
    return `must be ${known.join(' or ')}${didYouMean(String(issue.input), known)}`
  }
  if (issue.code === 'unrecognized_keys') {
    const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : []
    const help = (key: string) =>
      key === '<<'
        ? ': merge keys are not of YAML 1.2; set what hosts share on their group'
        : didYouMean(key, known) || `; known are ${known.join(', ')}`
    return issue.keys.map((key) => `unknown key ${JSON.stringify(key)}${help(key)}`).join('\n')
  }
  return undefined
}

const typeNames = new Map([
  ['object', 'a map'],
  ['record', 'a map'],
  ['array', 'a list'],
  ['boolean', 'true or false'],
  ['string', 'text'],
])

function typeName(expected: string): string {
  return typeNames.get(expected) ?? `a ${expected}`
}

function describe(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'string' ? `the text "${value}"` : `the ${typeof value} ${String(value)}`
}
