import { stripVTControlCharacters } from 'node:util'

/**
 * Text as lines of at most `columns` characters, broken at blanks and behind commas; a longer word stands alone. Colours
 * do not count, and go on from line to line.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.split(/(?<=[ ,])/)) {
    if (line !== '' && width(`${line}${piece}`.trimEnd()) > columns) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += piece
  }
  return [...lines, line]
}

function width(text: string): number {
  return stripVTControlCharacters(text).length
}
