/** One measured line: what was measured, and numbers by column. */
export interface Row {
  what: string
  values: Record<string, number | string>
}

/** What a part of the benchmark came to. */
export interface Result {
  part: string
  title: string
  columns: string[]
  rows: Row[]
  /** How to read it, one line each. */
  notes: string[]
}

export interface PartOptions {
  /** Host counts for `scale`. */
  sizes: readonly number[]
  /** Host counts for `fleet`. */
  hosts: readonly number[]
  /** Repetitions where medians are taken. */
  repeat: number
  /** A run's folder, for `waits`. */
  record?: string | undefined
  /** Hosts worked at a time, for every contender. */
  forks: number
  /** One line on what goes on. */
  tell(text: string): void
}

/** A part, or why it cannot run here. */
export type Part = (options: PartOptions) => Promise<Result | { part: string; skipped: string }>
