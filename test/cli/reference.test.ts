import { describe, expect, it } from 'vitest'
import { exampleLine, examples } from '../../src/cli/examples.js'
import { leavesOf, pathOf, visibleLeaves } from '../../src/cli/leaves.js'
import { createProgram } from '../../src/cli/program.js'
import { renderReference } from '../../src/cli/reference.js'

const program = createProgram(() => {})

it('docs/reference.md is up to date (else run: npm run reference)', async () => {
  await expect(renderReference(program)).toMatchFileSnapshot('../../docs/reference.md')
})

it('no examples are of a command that is not there', () => {
  expect(Object.keys(examples).sort()).toEqual(visibleLeaves(program).map(pathOf).sort())
})

describe.each(visibleLeaves(program).map((command) => [pathOf(command), command] as const))(
  '%s',
  (path, command) => {
    const own = examples[path] ?? []

    it('has examples in its help', () => {
      let help = ''
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
      expect(own.length).toBeGreaterThan(0)
      for (const [args] of own) expect(help).toContain(exampleLine(path, args))
    })

    it('has a description for each flag and argument', () => {
      const all = [...command.options, ...command.registeredArguments]
      expect(all.filter(({ description }) => description === '')).toEqual([])
    })

    it.each(own)('takes its example: %s', async (args) => {
      const fresh = createProgram(() => {})
      const same = leavesOf(fresh).find((one) => pathOf(one) === path)
      let called = false
      same?.action(() => {
        called = true
      })
      await fresh.parseAsync([
        'node',
        'yurt-ssh',
        ...path.split(' '),
        ...args.split(' ').filter((word) => word !== ''),
      ])
      expect(called).toBe(true)
    })
  },
)
