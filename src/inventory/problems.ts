import { YurtSshError } from '../errors.js'
import type { Position } from './types.js'

/** One thing wrong with an inventory, and where. */
export interface Problem {
  position: Position
  message: string
  /** A narrower error code than INVENTORY_INVALID. */
  code?: string
  /** The way out, where the message leaves none. */
  hint?: string
}

/** `inventory.yaml:4:7`, as editors and terminals link it. */
export function formatPosition({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`
}

/** Sorts by place: the files named first, then others as they are first mentioned; within a file from top to bottom. */
export function byPlace<T extends { position: Position }>(
  items: readonly T[],
  files: readonly string[] = [],
): T[] {
  const ranks = new Map(files.map((file, index) => [file, index]))
  for (const { position } of items) if (!ranks.has(position.file)) ranks.set(position.file, ranks.size)
  const rank = ({ file }: Position) => ranks.get(file) ?? 0
  return items.toSorted(
    ({ position: a }, { position: b }) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
  )
}

/**
 * All problems as one error, a `file:line:column: what` line each, file by file. Its code is INVENTORY_INVALID
 * unless every problem carries the same narrower one. `mask` takes out of a message what nobody should read.
 */
export function inventoryError(
  problems: readonly Problem[],
  mask: (message: string) => string = (message) => message,
): YurtSshError {
  const [first, ...others] = byPlace(problems)
  const lines = [first, ...others].flatMap((problem) =>
    problem === undefined ? [] : [`${formatPosition(problem.position)}: ${printable(mask(problem.message))}`],
  )
  const code = others.every((problem) => problem.code === first?.code) ? first?.code : undefined
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`
  const hint = [first, ...others].find((problem) => problem?.hint !== undefined)?.hint
  return new YurtSshError(
    code ?? 'INVENTORY_INVALID',
    `the inventory has ${count}:\n${lines.join('\n')}`,
    hint === undefined ? {} : { hint },
  )
}

/** @throws YurtSshError all problems as one error, if there are any */
export function refuse(problems: readonly Problem[], mask?: (message: string) => string): void {
  if (problems.length > 0) throw inventoryError(problems, mask)
}

/** On one line and without terminal sequences, whatever an inventory has in its quotes. */
function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
