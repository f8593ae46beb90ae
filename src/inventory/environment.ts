import { type Document, type Node, Scalar, visit } from 'yaml'
import type { Problem } from './problems.js'

export interface Substituted {
  problems: Problem[]
  /** A text in which no value stands that came from the environment, but the name of its variable. */
  mask(text: string): string
}

/**
 * Puts the environment's values in place of `${NAME}` and `${NAME:-default}` in every value of a document; keys stay as
 * they are, and `$${` is a literal `${`. Without quotes a result that is a number, true or false counts as that, as if it
 * stood there.
 */
export function substitute(
  document: Document,
  env: NodeJS.ProcessEnv,
  report: (node: Node, message: string) => Problem,
): Substituted {
  const problems: Problem[] = []
  const taken = new Map<string, string>()
  visit(document, {
    Scalar(key, scalar) {
      if (key === 'key' || typeof scalar.value !== 'string' || !scalar.value.includes('${')) return
      const text = replaced(scalar.value, env, taken, (message) => problems.push(report(scalar, message)))
      scalar.value = scalar.type === Scalar.PLAIN ? typed(text) : text
    },
  })
  return { problems, mask: (text) => maskIn(text, taken) }
}

function replaced(
  text: string,
  env: NodeJS.ProcessEnv,
  taken: Map<string, string>,
  report: (message: string) => void,
): string {
  return text.replace(
    /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g,
    (match, name?: string, other?: string) => {
      if (match === '$${') return '${'
      if (name === undefined) {
        report('has a ${ that begins neither ${NAME} nor ${NAME:-default}; $${ stands for ${ itself')
        return match
      }
      const value = env[name]
      if (value === undefined || (value === '' && other !== undefined)) {
        if (other === undefined) report(`${name} is not set in the environment, and there is no default`)
        return other ?? ''
      }
      taken.set(value, name)
      return value
    },
  )
}

function typed(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text
}

/** Values of one or two characters are left: they are no secrets, and stand in every other word. */
function maskIn(text: string, taken: ReadonlyMap<string, string>): string {
  const longestFirst = [...taken]
    .filter(([value]) => value.length > 2)
    .toSorted(([a], [b]) => b.length - a.length)
  return longestFirst.reduce((masked, [value, name]) => masked.replaceAll(value, `\${${name}}`), text)
}
