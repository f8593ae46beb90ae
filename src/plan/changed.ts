import type { FileFact, HostFacts } from '../node/types.js'

/** Whether somebody removed a file of ours since: what goes with it is ours still, and convert puts the file back. */
export function isLost(facts: HostFacts, fact: FileFact): boolean {
  return fact.state === 'absent' && changedSince(facts, fact)
}

/** Whether a conversion of ours wrote the file last, and other bytes stand there now. */
export function changedSince(facts: HostFacts, fact: FileFact): boolean {
  const last = facts.state.journals
    .filter(({ result }) => result !== 'undone')
    .flatMap(({ verb, writes }) => writes.map((write) => ({ verb, ...write })))
    .findLast(({ path }) => path === fact.path)
  return last?.verb === 'convert' && last.after !== (fact.sha256 ?? 'absent')
}
