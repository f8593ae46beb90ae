import { lifecycleOwner } from '../node/controller-manager.js'
import { redirectState } from '../node/kubeadm-flags.js'
import type { FileFact, HostFacts } from '../node/types.js'
import type { Release } from '../releases/types.js'

/** What others have taken back of a conversion since, such as `kubeadm upgrade`; a line each, and convert repairs it. */
export function drift(facts: HostFacts, { hub }: Release): string[] {
  const { flags, controllerManager, hubManifest, ourKubeconfig } = facts.files
  return [
    ...said(facts, flags, (fact) => flagsDrift(fact, hub.kubeconfig)),
    ...said(facts, controllerManager, ({ path, content = '' }) =>
      lifecycleOwner(content) === 'on'
        ? `${path} was rewritten since it was converted, as kubeadm upgrade does: the node lifecycle is on again`
        : undefined,
    ),
    ...[hubManifest, ourKubeconfig].flatMap((fact) =>
      said(facts, fact, ({ path, state }) => (state === 'file' ? undefined : `${path} is gone`)),
    ),
  ]
}

function flagsDrift({ path, content }: FileFact, ours: string): string | undefined {
  const state = redirectState(content, ours)
  if (state === 'ours') return undefined
  return `${path} was rewritten since it was converted, as kubeadm upgrade does: ${
    state === 'none' ? 'our flags are gone' : 'our flags are no longer the last ones'
  }`
}

/** Whether somebody removed the manifest of our hub since: what the hub left is ours, and convert puts the manifest back. */
export function lostHubManifest(facts: HostFacts): boolean {
  const { hubManifest } = facts.files
  return hubManifest.state === 'absent' && changedSince(facts, hubManifest)
}

function said(facts: HostFacts, fact: FileFact, say: (fact: FileFact) => string | undefined): string[] {
  const line = changedSince(facts, fact) ? say(fact) : undefined
  return line === undefined ? [] : [line]
}

/** Whether a conversion of ours wrote the file last, and other bytes stand there now. */
function changedSince(facts: HostFacts, fact: FileFact): boolean {
  const last = facts.state.journals
    .filter(({ result }) => result !== 'undone')
    .flatMap(({ verb, writes }) => writes.map((write) => ({ verb, ...write })))
    .findLast(({ path }) => path === fact.path)
  return last?.verb === 'convert' && last.after !== (fact.sha256 ?? 'absent')
}
