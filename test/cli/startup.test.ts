import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { scratchFolder } from '../support/scratch.js'

const source = resolve(import.meta.dirname, '../../src')

/** Modules and packages that a module loads before anything is called; `import type` and `import()` load none. */
function loaded(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, from = ''] of text.matchAll(/^(?:import|export) (?!type\b)[^'"]*?from '([^']+)'/gm)) {
    if (from.startsWith('.')) loaded(join(dirname(file), from.replace(/\.js$/, '.ts')), found)
    else found.add(from)
  }
  return found
}

it('the command line starts with commander and little else', () => {
  const all = [...loaded(join(source, 'cli.ts'))]
  const modules = all.filter((one) => existsSync(one)).map((one) => relative(source, one))
  const packages = all.filter((one) => !existsSync(one) && !one.startsWith('node:'))
  expect(packages).toEqual(['commander'])
  expect(modules).toContain('cli/program.ts')
  expect(modules.filter((one) => /^(report|commands|ssh|cluster|node|lab|plan)\//.test(one))).toEqual([])
})

it('a clone that is not built yet says so', () => {
  const clone = scratchFolder('yurt-ssh-clone-')
  mkdirSync(join(clone, 'bin'))
  cpSync(resolve(source, '../bin/yurt-ssh.js'), join(clone, 'bin/yurt-ssh.mjs'))
  const { status, stderr } = spawnSync(process.execPath, [join(clone, 'bin/yurt-ssh.mjs'), 'status'], {
    encoding: 'utf8',
  })
  rmSync(clone, { recursive: true })
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'yurt-ssh is not built yet: `npm run build` does that\n',
  })
})
