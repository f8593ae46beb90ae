import type { Problem } from '../problems.js'
import type { Position } from '../types.js'
import { type Need, needed } from './keys.js'
import type { Variable } from './statements.js'
import type { Variables } from './variables.js'
import { vaultHint } from './yaml.js'

/** A needed value that is text without a template, and the variable that it comes from. */
export interface Found {
  key: string
  text: string
  position: Position
}

/**
 * The value of a host for one need; undefined when nothing sets it. What cannot be known without Ansible is a problem,
 * told by the variable's name alone: the value may be a secret.
 */
export function findValue(
  variables: Variables,
  need: Need,
  report: (problem: Problem) => void,
): Found | undefined {
  const variable = needed[need].map((key) => variables.get(key)).findLast((found) => hasValue(found))
  if (variable === undefined) return undefined
  const { key, value, vaulted, position } = variable
  const trouble = vaulted ? 'is vaulted, and yurt-ssh does not decrypt' : troubleOf(value, truths.has(need))
  if (trouble !== undefined) {
    report({ position, message: `${key} ${trouble}`, ...(vaulted && { hint: vaultHint }) })
    return undefined
  }
  return { key, text: String(value), position }
}

function hasValue(variable: Variable | undefined): boolean {
  return variable !== undefined && variable.value !== null && variable.value !== ''
}

const truths: ReadonlySet<Need> = new Set(['checking', 'become', 'hub'])

function troubleOf(value: unknown, truth: boolean): string | undefined {
  if (Number.isNaN(value))
    return 'is a number with leading zeros, octal in YAML 1.1: put it in quotes, or leave them out'
  if (typeof value === 'boolean' && !truth)
    return 'is true or false in YAML 1.1: if you mean text, put it in quotes'
  if (typeof value === 'number' || typeof value === 'boolean') return undefined
  if (typeof value !== 'string') return 'must be text'
  return /\{[{%#]/.test(value)
    ? 'is a template, which yurt-ssh does not evaluate: write the value itself'
    : undefined
}

/** Ansible's spellings of true and false. */
export function truthOf(text: string): boolean | undefined {
  if (/^(true|yes|on|y|t|1)$/i.test(text)) return true
  return /^(false|no|off|n|f|0)$/i.test(text) ? false : undefined
}
