/**
 * The words of a value as OpenSSH splits them: quotes of both kinds, a backslash before quotes, itself and blanks, `#` only
 * where a word begins. Undefined when a quote is left open.
 */
export function configWords(raw: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < raw.length; at++) {
    const letter = raw.charAt(at)
    const next = raw.charAt(at + 1)
    if (quote === '' && /[ \t\r]/.test(letter)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (word === undefined && letter === '#') break
    else if (letter === '\\' && (/['"\\]/.test(next) || (quote === '' && next === ' '))) {
      word = (word ?? '') + next
      at++
    } else if (quote === '' ? /['"]/.test(letter) : letter === quote) {
      word ??= ''
      quote = quote === '' ? letter : ''
    } else word = (word ?? '') + letter
  }
  if (quote !== '') return undefined
  return word === undefined ? words : [...words, word]
}
