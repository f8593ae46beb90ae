export interface Word {
  text: string
  /** Index of its first character. */
  at: number
}

/**
 * The words of a line as a POSIX shell splits them, nothing expanded; with `comments`, an unquoted `#` ends the line.
 * Undefined when a quote is left open.
 */
export function splitWords(line: string, { comments = false } = {}): Word[] | undefined {
  const words: Word[] = []
  const token = /\s+|#|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|[^\s'"\\#]+|./gsy
  let word: Word | undefined
  for (let match = token.exec(line); match !== null; match = token.exec(line)) {
    const [written, single, double, escaped] = match
    if (/^\s/.test(written) || (comments && written === '#')) {
      if (word !== undefined) words.push(word)
      word = undefined
      if (written === '#') break
      continue
    }
    if (written === "'" || written === '"' || written === '\\') return undefined
    const text = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? written
    word = word === undefined ? { text, at: match.index } : { ...word, text: word.text + text }
  }
  return word === undefined ? words : [...words, word]
}
