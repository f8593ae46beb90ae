import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '../..')

/**
 * A folder with the program as it is now: `dist` from today's `src` without a check of types, and beside it what it
 * needs. For tests that run it, or `drivers` of theirs, as a process of its own.
 */
export function compiled(drivers: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-compiled-'))
  for (const name of ['node_modules', 'templates', 'package.json', 'inventory'])
    symlinkSync(join(root, name), join(folder, name))
  // not a link: what it imports would be resolved from where it points to
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  for (const name of sources.filter((path) => path.endsWith('.ts')))
    transpile(join(root, 'src', name), join(folder, 'dist', name))
  for (const name of drivers) {
    const text = readFileSync(join(root, 'test', name), 'utf8').replaceAll('../../src/', '../dist/')
    transpileText(text, join(folder, 'test', name.split('/').at(-1) ?? name))
  }
  return folder
}

function transpile(from: string, to: string): void {
  transpileText(readFileSync(from, 'utf8'), to)
}

function transpileText(text: string, to: string): void {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  })
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to.replace(/\.ts$/, '.js'), outputText)
}
