/**
 * Assignments of an environment file: a name that starts no comment, then quoted pieces, then what is left of the line. A
 * backslash takes the line break after it along.
 */
const assignment =
  /^[ \t]*([^#;=\s][^=\r\n]*)=((?:[ \t]*(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'))*)[ \t]*((?:\\[\s\S]|[^\\\r\n])*)/gm

/** The variables that a file sets, as systemd gives them to a process (systemd.exec(5), EnvironmentFile=). */
export function readEnvironment(text: string): [name: string, value: string][] {
  return [...text.matchAll(assignment)].map(([, name = '', quoted = '', rest = '']) => [
    name.trim(),
    unquoted(quoted) + bare(rest),
  ])
}

function unquoted(pieces: string): string {
  return [...pieces.matchAll(/"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'/g)]
    .map(([, double, single = '']) => double?.replace(/\\(?:\n|([$"\\`]))/g, '$1') ?? single)
    .join('')
}

function bare(text: string): string {
  return text
    .replace(/(?<!\\)((?:\\\\)*)[ \t]+$/, '$1')
    .replace(/\\([\s\S])/g, (_, next) => (next === '\n' ? '' : next))
}
