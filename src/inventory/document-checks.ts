import { type Document, type Node, visit } from 'yaml'
import type { Problem } from './problems.js'

/** A problem at a node, or at an offset in the text. */
export type Report = (node: Node | number, message: string) => Problem

/** What the parser says, as far as it can be relied on: after a first mistake it finds others that are none. */
export function parserProblems(document: Document, report: Report, { warnings = true } = {}): Problem[] {
  const [first] = document.errors
  const found = first !== undefined ? [first] : warnings ? document.warnings : []
  return found.map(({ code, pos, message }) => {
    const quote = /^Missing closing ["']/.test(message) ? openQuote(document, pos[0]) : undefined
    if (quote !== undefined) return report(quote, 'a quote begins here and has no end')
    return report(
      pos[0],
      code === 'MULTIPLE_DOCS'
        ? 'a second document begins here (---), and an inventory is one: make it a file of its own, and give both with -i'
        : message.includes('call stack')
          ? 'is nested too deep'
          : message,
    )
  })
}

/** The parser says where it gave up, which is often the end of the file. */
function openQuote(document: Document, at: number): number | undefined {
  let begin: number | undefined
  visit(document, {
    Scalar(_, { type, range }) {
      if (type?.startsWith('QUOTE') && range && range[0] < at && at <= range[2]) begin = range[0]
    },
  })
  return begin
}

/** Whether a number is written with leading zeros: octal in YAML 1.1, decimal in YAML 1.2, and who wrote it meant one. */
export function isOctal(value: unknown, written: string | undefined): boolean {
  return typeof value === 'number' && /^[-+]?0[0-9_]+$/.test(written ?? '')
}

/** Values, not keys, that are such numbers. */
export function octalProblems(document: Document, report: Report): Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Scalar(key, scalar) {
      if (key === 'key' || !isOctal(scalar.value, scalar.source)) return
      const [text, value] = [scalar.source, String(scalar.value)]
      const message = `${text} is octal in YAML 1.1 and decimal in YAML 1.2: write ${value}, or "${text}" for text`
      problems.push(report(scalar, message))
    },
  })
  return problems
}

/** Aliases without an anchor before them, and those that would hold themselves. */
export function aliasProblems(document: Document, report: Report): Problem[] {
  const problems: Problem[] = []
  visit(document, {
    Alias(_, alias, ancestors) {
      const anchored = alias.resolve(document)
      if (anchored === undefined) problems.push(report(alias, `*${alias.source} has no anchor before it`))
      else if (ancestors.includes(anchored))
        problems.push(report(alias, `*${alias.source} would hold itself`))
    },
  })
  return problems
}
