import { stripVTControlCharacters } from 'node:util'

/** Rows as columns that line up; colours do not count as width. The last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell))
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
        )
        .join('  '),
    )
    .join('\n')
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length
}

/** `90 s`, `2 min 5 s` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
