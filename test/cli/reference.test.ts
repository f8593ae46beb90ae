import { describe, expect, it } from 'vitest'
import { visibleCommands } from '../../src/cli/complete.js'
import { exampleLine, examples } from '../../src/cli/examples.js'
import { createProgram } from '../../src/cli/program.js'
import { renderReference } from '../../src/cli/reference.js'

const program = createProgram(() => {})

it('docs/reference.md is up to date (else run: npm run reference)', async () => {
  await expect(renderReference(program)).toMatchFileSnapshot('../../docs/reference.md')
})

describe.each(visibleCommands(program))('$_name', (command) => {
  const own = examples[command.name()] ?? []

  it('has examples in its help', () => {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    expect(own.length).toBeGreaterThan(0)
    for (const [args] of own) expect(help).toContain(exampleLine(command.name(), args))
  })

  it('has a description for each flag', () => {
    expect(command.options.filter(({ description }) => description === '')).toEqual([])
  })

  it.each(own)('takes its example: %s', async (args) => {
    const fresh = createProgram(() => {})
    const same = fresh.commands.find((one) => one.name() === command.name())
    let called = false
    for (const one of [same, ...(same?.commands ?? [])])
      one?.action(() => {
        called = true
      })
    await fresh.parseAsync([
      'node',
      'yurt-ssh',
      command.name(),
      ...args.split(' ').filter((word) => word !== ''),
    ])
    expect(called).toBe(true)
  })
})
