/** A word and where it stands in the text it was split from, quotes included. */
export interface Word {
  text: string
  from: number
  to: number
}

/**
 * Splits as systemd splits the value of `$NAME` in ExecStart=, and its own settings: at blanks; quotes of both
 * kinds group and go, anywhere in a word; a backslash goes and keeps the next character; an open quote ends with
 * the text (systemd src/basic/extract-word.c, EXTRACT_RELAX | EXTRACT_UNQUOTE, called by replace_env_argv in
 * env-util.c).
 */
export function splitWords(value: string): Word[] {
  const words: Word[] = []
  let word: Word | undefined
  let quote = ''
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at)
    if (quote === '' && isBlank(char)) {
      word = undefined
      continue
    }
    if (word === undefined) {
      word = { text: '', from: at, to: at }
      words.push(word)
    }
    if (char === '\\') word.text += value.charAt(++at)
    else if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) quote = char
    else word.text += char
    word.to = Math.min(at + 1, value.length)
  }
  return words
}

/** systemd's WHITESPACE. */
export function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r'
}
