import type { Refusal, Trials } from '../cluster/trial.js'
import type { Host } from '../inventory/types.js'
import { type Check, createChecks, type Expect } from './checks.js'

/** What the API server would refuse: of the nodes of `hosts` a check each, of all others and of objects one together. */
export function admissionChecks({ nodes, objects }: Trials, hosts: readonly Host[]): Check[] {
  const own = new Set(hosts.map(({ node }) => node))
  const others = [...nodes].filter(([node]) => !own.has(node)).map(([, refusal]) => refusal)
  const { list, expect } = createChecks()
  told(expect, [...objects.values(), ...others], 'the API server takes the objects')
  return [
    ...list,
    ...hosts.flatMap(({ name, node }) => {
      const { list, expect } = createChecks(name)
      const refusal = nodes.get(node)
      told(expect, refusal === undefined ? [] : [refusal], 'the API server takes its labels')
      return list
    }),
  ]
}

/** What is refused, else what could not be tried. */
function told(expect: Expect, found: readonly Refusal[], ok: string): void {
  const refused = found.filter(({ untried }) => !untried)
  const shown = refused.length > 0 ? refused : found
  const hint = shown[0]?.hint
  expect('Admission', found.length === 0, {
    ok,
    failed: shown.map(({ message }) => message).join('; '),
    warning: refused.length === 0,
    ...(hint === undefined ? {} : { hint }),
  })
}
