import type { HostFacts, StaticPodName } from '../node/types.js'
import type { Release } from '../releases/types.js'
import type { Expect } from './checks.js'

interface StaticPod {
  name: string
  /** Its file, and others that have a check of their own. */
  files: string[]
}

function staticPods({ hub }: Release): Record<StaticPodName, StaticPod> {
  return {
    controllerManager: { name: 'kube-controller-manager', files: ['kube-controller-manager.yaml'] },
    hub: { name: hub.name, files: [hub.manifest, hub.joinedManifest] },
  }
}

/** Files beside the right one that define a static pod too, such as a copy of it: which one runs is then chance. */
export function rivalsOf({ definedIn }: HostFacts, pod: StaticPodName, release: Release): string[] {
  const { files } = staticPods(release)[pod]
  return definedIn[pod].filter((file) => !files.includes(file))
}

/** That no other file of the folder defines kube-controller-manager or the hub. */
export function definedOnceCheck(facts: HostFacts, release: Release, expect: Expect): void {
  const pods = staticPods(release)
  const rivals = (['controllerManager', 'hub'] as const).flatMap((pod) =>
    rivalsOf(facts, pod, release).map(
      (file) =>
        `${facts.staticPodPath}/${file} defines ${pods[pod].name}, which belongs in ${pods[pod].files[0]} alone`,
    ),
  )
  expect('Manifests', rivals.length === 0, {
    ok: 'its static pods are defined once',
    failed: rivals.join('; '),
    hint: 'the kubelet runs every file there whose name has no leading dot, whatever its ending: move it to another folder',
  })
}
