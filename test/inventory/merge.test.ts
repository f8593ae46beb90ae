import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildInventory } from '../../src/inventory/build.js'
import { anchorPaths } from '../../src/inventory/merge.js'
import { readSource } from '../../src/inventory/source.js'
import type { Inventory } from '../../src/inventory/types.js'
import { cases } from './cases.js'

interface Merged {
  name: string
  files: Record<string, string>
  inventory?: object
  hosts?: object[]
  problems?: string[]
}

const surroundings = { folder: '/', home: '/home/me', user: 'me', identityFiles: [] }

function merged(files: Record<string, string>): Inventory {
  const sources = Object.entries(files).map(([file, text]) =>
    anchorPaths(readSource(text, file, {}), `/${dirname(file)}`),
  )
  return buildInventory('several', sources, surroundings)
}

const rows = cases<Merged>('merged')

describe('several files', () => {
  it.each(rows.filter(({ hosts }) => hosts))('$name', ({ files, inventory = {}, hosts }) => {
    expect(merged(files)).toMatchObject({ ...inventory, hosts })
  })

  it.each(rows.filter(({ problems }) => problems))('are refused: $name', ({ files, problems = [] }) => {
    const lines = problems.map((problem) => problem.replace(' ', ': '))
    const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`
    const message = `the inventory has ${count}:\n${lines.join('\n')}`
    expect(() => merged(files)).toThrow(expect.objectContaining({ code: 'INVENTORY_INVALID', message }))
  })
})
