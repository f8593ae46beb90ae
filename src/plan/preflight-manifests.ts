import type { HostFacts, StaticPodName } from '../node/types.js'
import type { Expect } from './checks.js'

/** The file of each, and others that have a check of their own. */
const files: Record<StaticPodName, string[]> = {
  'kube-controller-manager': ['kube-controller-manager.yaml'],
  'yurt-hub': ['yurt-hub.yaml', 'yurthub.yaml'],
}

/** Files beside the right one that define a static pod too, such as a copy of it: which one runs is then chance. */
export function rivalsOf({ definedIn }: HostFacts, pod: StaticPodName): string[] {
  return definedIn[pod].filter((file) => !files[pod].includes(file))
}

/** That no other file of the folder defines kube-controller-manager or the hub. */
export function definedOnceCheck(facts: HostFacts, expect: Expect): void {
  const rivals = (['kube-controller-manager', 'yurt-hub'] as const).flatMap((pod) =>
    rivalsOf(facts, pod).map(
      (file) => `${facts.staticPodPath}/${file} defines ${pod}, which belongs in ${files[pod][0]} alone`,
    ),
  )
  expect('Manifests', rivals.length === 0, {
    ok: 'its static pods are defined once',
    failed: rivals.join('; '),
    hint: 'the kubelet runs every file there whose name has no leading dot, whatever its ending: move it to another folder',
  })
}
