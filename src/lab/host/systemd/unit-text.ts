/** A `Key=value` of a unit file, in the section it stands in. */
export interface UnitSetting {
  section: string
  key: string
  value: string
}

/** Reads one unit file or drop-in: comment lines go first, then a backslash joins a line with the next. */
export function readUnit(text: string): UnitSetting[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*[#;]/.test(line))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.trim())
  let section = ''
  return lines.flatMap((line) => {
    section = /^\[(.*)\]$/.exec(line)?.[1] ?? section
    const at = line.indexOf('=')
    if (at < 1 || line.startsWith('[')) return []
    return [{ section, key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() }]
  })
}

/** What holds of a key of [Service]: an empty value takes back those before it. */
export function serviceValues(settings: readonly UnitSetting[], key: string): string[] {
  const given = settings.filter((setting) => setting.section === 'Service' && setting.key === key)
  const values = given.map(({ value }) => value)
  return values.slice(values.lastIndexOf('') + 1)
}

/** The words of a command line, or of a variable's value: quotes group, a backslash takes the next as it is. */
export function wordsOf(text: string): string[] {
  const words =
    text.match(/(?:"(?:\\[\s\S]|[^"\\])*(?:"|$)|'(?:\\[\s\S]|[^'\\])*(?:'|$)|\\[\s\S]?|[^\s"'\\])+/g) ?? []
  return words.map((word) =>
    word.replace(
      /"((?:\\[\s\S]|[^"\\])*)"?|'((?:\\[\s\S]|[^'\\])*)'?|\\([\s\S]?)/g,
      (_, double, single, escaped) =>
        double === undefined && single === undefined
          ? escaped
          : (double ?? single ?? '').replace(/\\([\s\S])/g, '$1'),
    ),
  )
}
