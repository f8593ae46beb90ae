import { expect, it } from 'vitest'
import { convertChecks } from '../../src/commands/convert.js'
import type { Survey } from '../../src/commands/gather.js'
import { judge } from '../../src/commands/judge.js'
import type { ChangeOptions } from '../../src/commands/options.js'
import type { Site } from '../../src/commands/site.js'
import { YurtSshError } from '../../src/errors.js'
import { planConvert } from '../../src/plan/convert.js'
import { defaultPace, parseAmount } from '../../src/rollout/pace.js'
import { cases } from '../rollout/cases.js'
import { nodeNamed, options } from '../support/facts.js'
import { all, fleetOf, nativeSite } from '../support/fleet.js'

interface Case {
  name: string
  unreachable?: string[]
  refused?: string[]
  notReady?: string[]
  guard?: boolean
  ignore?: string[]
  maxFail?: string
  leftOut?: string[]
  worked?: string[]
  refuses?: boolean
  exitCode: number
}

it.each(cases<Case>('left-out'))('$name', (row) => {
  const { unreachable = [], refused = [], notReady = [] } = row
  const found = nativeSite()
  for (const name of unreachable) found.facts.delete(name)
  for (const name of refused) {
    const facts = found.facts.get(name)
    if (facts === undefined) throw new Error(`no ${name}`)
    const { systemd: _, ...rest } = facts
    found.facts.set(name, rest)
  }
  found.nodes = found.nodes.map((node) =>
    notReady.includes(node.name) ? { ...node, ready: 'Unknown' } : node,
  )
  if (row.guard === true) found.nodes.push(nodeNamed('unlisted'))
  const survey: Survey = {
    fleet: fleetOf(found),
    facts: found.facts,
    failures: new Map(
      unreachable.map((host) => [host, new YurtSshError('SSH_TIMEOUT', 'no answer', { host })]),
    ),
  }
  const site = { inventory: { hosts: found.hosts }, selected: all(found), options } as unknown as Site
  const pace = {
    ...defaultPace,
    ...(row.maxFail === undefined ? {} : { maxFail: parseAmount(row.maxFail, '--max-fail', 0) }),
  }
  const given = { ignorePreflightErrors: row.ignore ?? [], limit: [], pace }
  const verdict = judge(
    { unreachable: 'refuse', checks: convertChecks },
    survey,
    site,
    given as unknown as ChangeOptions,
  )

  expect([verdict.refused, verdict.exitCode]).toEqual([row.refuses ?? false, row.exitCode])
  if (row.refuses === true) {
    expect(verdict.leftOut, 'a run that is refused leaves nobody out').toEqual([])
    return
  }
  expect(verdict.leftOut.sort()).toEqual(row.leftOut ?? [])
  expect([...verdict.counted].sort()).toEqual(row.leftOut ?? [])
  const plan = planConvert(survey.fleet, verdict.site.selected, options)
  const worked = plan.phases.flatMap((phase) =>
    phase.kind === 'hosts' && phase.order === 'parallel' ? phase.work.map(({ host }) => host) : [],
  )
  expect(worked).toEqual(row.worked)
  const masters = plan.phases.flatMap((phase) =>
    phase.kind === 'hosts' && phase.order === 'one-by-one' ? phase.work : [],
  )
  expect(
    masters.map(({ host }) => host),
    'the control plane is always worked',
  ).toEqual(['cp-2', 'cp-1'])
})
