import { YurtSshError } from '../errors.js'
import type { Position } from './types.js'

/** One thing wrong with an inventory, and where. */
export interface Problem {
  position: Position
  message: string
  /** A narrower error code than INVENTORY_INVALID. */
  code?: string
}

/** `inventory.yaml:4:7`, as editors and terminals link it. */
export function formatPosition({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`
}

/** Negative when `a` stands before `b` in their file. */
export function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column
}

/**
 * All problems as one error, a `file:line:column: what` line each, in the order of the file. Its code is INVENTORY_INVALID
 * unless every problem carries the same narrower one.
 */
export function inventoryError(problems: readonly Problem[]): YurtSshError {
  const [first, ...others] = problems.toSorted((a, b) => comparePositions(a.position, b.position))
  const lines = [first, ...others].flatMap((problem) =>
    problem === undefined ? [] : [`${formatPosition(problem.position)}: ${printable(problem.message)}`],
  )
  const code = others.every((problem) => problem.code === first?.code) ? first?.code : undefined
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`
  return new YurtSshError(code ?? 'INVENTORY_INVALID', `the inventory has ${count}:\n${lines.join('\n')}`)
}

/** @throws YurtSshError all problems as one error, if there are any */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw inventoryError(problems)
}

/** On one line and without terminal sequences, whatever an inventory has in its quotes. */
function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
