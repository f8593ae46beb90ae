import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { knownReleases } from '../../src/releases/release.js'
import type { Release } from '../../src/releases/types.js'

/** Where a release may be spelled although it is data elsewhere. */
const mayName: [path: string, why: string][] = [
  ['src/releases/', 'that is where it is data'],
  ['src/lab/', 'the other side: stand-ins that took their names from us would agree with any mistake'],
  ['src/cli/flags.ts', "flags are called as yurtctl's were, whatever the release"],
]

const root = new URL('../../', import.meta.url)
const filesIn = (folder: string, extension: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(extension))
    .map((path) => `${folder}${path}`)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** What only a release knows: its names, paths, ports, labels and annotations. */
function wordsOf({ name, images, hub, components, edgeWorkerLabel, autonomyAnnotation }: Release): string[] {
  const { flavour: _, command: __, template: ___, ports, ...named } = hub
  return [
    name,
    edgeWorkerLabel,
    autonomyAnnotation,
    ...Object.values(images),
    ...Object.values(named),
    ...Object.values(ports).map(String),
    ...components.flatMap(({ name, workload, leftovers, kinds }) => [
      name,
      workload?.hostFolder ?? name,
      ...(workload?.hostPorts ?? []).map(String),
      ...leftovers.map((object) => object.name),
      kinds?.webhooks.prefix ?? name,
      kinds?.group ?? name,
      ...(kinds?.kinds.map(({ kind }) => kind) ?? []),
    ]),
  ]
}

const words = [...new Set(knownReleases.flatMap(wordsOf))]
const pattern = new RegExp(
  `(?<![\\w/-])(${words.map((word) => word.replace(/[.\\/]/g, '\\$&')).join('|')})(?![\\w])`,
)

/** Lines of a source file whose strings, numbers and regular expressions spell such a word; comments may. */
function spelledIn(path: string): string[] {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const isLiteral =
      ts.isLiteralExpression(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node)
    if (isLiteral && pattern.test(node.text.replaceAll('\\', ''))) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      found.push(`${path}:${line + 1}: ${node.text}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

describe('what a release knows', () => {
  it('is spelled in src/releases only', () => {
    const sources = filesIn('src/', '.ts').filter(
      (path) => !mayName.some(([prefix]) => path.startsWith(prefix)),
    )
    expect(sources.length).toBeGreaterThan(200)
    expect(sources.flatMap(spelledIn)).toEqual([])
  })

  it('is told to host scripts', () => {
    const lines = filesIn('templates/host/', '.hbs').flatMap((path) =>
      read(path)
        .split('\n')
        .filter((line) => !line.trimStart().startsWith('#') && pattern.test(line.replaceAll('\\', '')))
        .map((line) => `${path}: ${line.trim()}`),
    )
    expect(lines).toEqual([])
  })

  it.each(mayName)('is spelled in %s still: %s', (prefix) => {
    const sources = filesIn('src/', '.ts').filter((path) => path.startsWith(prefix))
    expect(sources.flatMap(spelledIn)).not.toEqual([])
  })
})
