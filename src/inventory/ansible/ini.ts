import type { Problem } from '../problems.js'
import type { Position } from '../types.js'
import { hostStatements } from './host-pattern.js'
import type { Reading, Statement, Variable } from './statements.js'
import { splitWords } from './words.js'

/** An IPv6 address in brackets, a port behind it, variables. */
const bracketedHost = /^\[[\da-f.]*:[\da-f:.]*:[\da-f:.]*\](:\d+)?(\s|$)/i

type Section = { group: string; kind: 'hosts' | 'vars' | 'children' }
type Result = { statements?: Statement[]; problems?: Problem[] }

/** An inventory in Ansible's INI format. */
export function readIni(text: string, file: string): Reading {
  const results: Result[] = []
  let section: Section | undefined = { group: 'ungrouped', kind: 'hosts' }
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const indent = raw.length - raw.trimStart().length
    const place = (at = 0): Position => ({ file, line: index + 1, column: indent + at + 1 })
    if (line.startsWith('[') && !bracketedHost.test(line)) {
      section = readHeader(line)
      if (section === undefined)
        results.push(problem(place(), 'must be [group], [group:vars] or [group:children]'))
      else if (section.kind !== 'vars')
        results.push({ statements: [{ kind: 'group', group: section.group }] })
    } else if (section !== undefined) results.push(readers[section.kind](line, section.group, place))
  }
  return {
    statements: results.flatMap(({ statements = [] }) => statements),
    problems: results.flatMap(({ problems = [] }) => problems),
    warnings: [],
  }
}

function problem(position: Position, message: string): Result {
  return { problems: [{ position, message }] }
}

function readHeader(line: string): Section | undefined {
  const [, group, kind = 'hosts'] = /^\[([^:\]\s]+)(?::(hosts|vars|children))?\]\s*(?:#.*)?$/.exec(line) ?? []
  if (group === undefined) return undefined
  return { group, kind: kind === 'vars' || kind === 'children' ? kind : 'hosts' }
}

type Reader = (line: string, group: string, place: (at?: number) => Position) => Result

const readers: Record<Section['kind'], Reader> = {
  hosts(line, group, place) {
    const words = splitWords(line, { comments: true })
    if (words === undefined) return problem(place(), 'has a quote without its end')
    const [pattern, ...settings] = words
    if (pattern === undefined) return {}
    const { hosts, statements, problems } = hostStatements(pattern.text, group, place())
    const results = settings.map(({ text, at }): Result => {
      const variable = assignment(text, place(at))
      if (variable === undefined) return problem(place(at), 'must be key=value')
      return {
        statements: hosts.map((host) => ({ kind: 'host-variable', host, layer: 0, variable })),
      }
    })
    return {
      statements: [...statements, ...results.flatMap(({ statements = [] }) => statements)],
      problems: [...problems, ...results.flatMap(({ problems = [] }) => problems)],
    }
  },
  vars(line, group, place) {
    const variable = assignment(line, place())
    if (variable === undefined) return problem(place(), 'must be key=value')
    return { statements: [{ kind: 'group-variable', group, layer: 0, variable }] }
  },
  children(line, group, place) {
    const child = line.replace(/#.*/, '').trim()
    return { statements: [{ kind: 'child', group, child, position: place() }] }
  },
}

function assignment(text: string, position: Position): Variable | undefined {
  const equals = text.indexOf('=')
  if (equals < 1) return undefined
  const value = literal(text.slice(equals + 1).trim())
  return { key: text.slice(0, equals).trim(), value, vaulted: false, position }
}

/** Ansible takes what is a literal of Python as one, comment included, and anything else as text. */
function literal(text: string): unknown {
  const [, quoted, other] = /^(?:'([^'\\]*)'|"([^"\\]*)")\s*(?:#.*)?$/.exec(text) ?? []
  if (quoted !== undefined || other !== undefined) return quoted ?? other
  const [, plain] = /^(0|-?[1-9]\d*|True|False|None)\s*(?:#.*)?$/.exec(text) ?? []
  if (plain === undefined) return text
  if (plain === 'None') return null
  return plain === 'True' || plain === 'False' ? plain === 'True' : Number(plain)
}
