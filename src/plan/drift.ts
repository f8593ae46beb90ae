import { lifecycleOwner } from '../node/controller-manager.js'
import { redirectState } from '../node/kubeadm-flags.js'
import type { FileFact, HostFacts } from '../node/types.js'
import type { Release } from '../releases/types.js'
import { changedSince } from './changed.js'
import { flavourOf } from './hub-flavours/flavours.js'

/** What others have taken back of a conversion since, such as `kubeadm upgrade`; a line each, and convert repairs it. */
export function drift(facts: HostFacts, release: Release): string[] {
  const { flags, controllerManager, ourKubeconfig } = facts.files
  return [
    ...said(facts, flags, (fact) => flagsDrift(fact, release.hub.kubeconfig)),
    ...said(facts, controllerManager, ({ path, content = '' }) =>
      lifecycleOwner(content) === 'on'
        ? `${path} was rewritten since it was converted, as kubeadm upgrade does: the node lifecycle is on again`
        : undefined,
    ),
    ...[flavourOf(release).definition(facts), ourKubeconfig].flatMap((fact) =>
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

function said(facts: HostFacts, fact: FileFact, say: (fact: FileFact) => string | undefined): string[] {
  const line = changedSince(facts, fact) ? say(fact) : undefined
  return line === undefined ? [] : [line]
}
