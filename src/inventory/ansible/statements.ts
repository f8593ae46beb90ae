import type { Problem } from '../problems.js'
import type { Position } from '../types.js'

export interface Variable {
  key: string
  /** Text, number, truth value or null. A number with leading zeros is NaN, a map or a list an empty list: none is needed. */
  value: unknown
  /** Encrypted by ansible-vault. */
  vaulted: boolean
  position: Position
}

/** Where a variable stands: 0 is the inventory itself, from 1 on the folders with group_vars and host_vars, in their order. */
export type Layer = number

/** What an inventory says, one thing at a time, in its order. */
export type Statement =
  | { kind: 'group'; group: string }
  | { kind: 'host'; group: string; host: string; position: Position }
  | { kind: 'child'; group: string; child: string; position: Position }
  | { kind: 'group-variable'; group: string; layer: Layer; variable: Variable }
  | { kind: 'host-variable'; host: string; layer: Layer; variable: Variable }

export interface Reading {
  statements: Statement[]
  problems: Problem[]
  /** What is passed over, as Ansible does. */
  warnings: Problem[]
}

/** Several readings as one, in their order. */
export function joinReadings(readings: readonly Reading[]): Reading {
  return {
    statements: readings.flatMap(({ statements }) => statements),
    problems: readings.flatMap(({ problems }) => problems),
    warnings: readings.flatMap(({ warnings }) => warnings),
  }
}
