import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseJournal } from '../../src/node/journal.js'
import type { JournalWrite } from '../../src/node/types.js'

interface Case {
  name: string
  text: string
  backups?: Record<number, string>
  verb: string
  intact: boolean
  committed?: true
  hub?: string
  directories?: string[]
  trees?: string[]
  writes: JournalWrite[]
}

const cases = parse(readFileSync(new URL('../cases/node/journals.yaml', import.meta.url), 'utf8')) as Case[]

it.each(cases)(
  '$name',
  ({ text, backups = {}, verb, intact, hub, directories = [], trees = [], writes, committed }) => {
    expect(parseJournal('run1-hub', text, (number) => backups[number])).toEqual({
      id: 'run1-hub',
      verb,
      intact,
      writes,
      directories,
      trees,
      ...(committed ? { committed } : {}),
      ...(hub === undefined ? {} : { hubInterface: hub }),
    })
  },
)
