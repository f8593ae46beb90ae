import type { HostFacts } from '../node/types.js'
import { hasYurtctlFlags, isEditedDropIn } from '../node/yurtctl.js'
import type { Release } from '../releases/types.js'
import { flavourOf } from './hub-flavours/flavours.js'

/** A host that another converter turned into an OpenYurt node. */
export interface Foreign {
  by: 'yurtctl v0.5' | 'yurtctl v0.6' | 'somebody else' | 'yurtctl join'
  /** Whether --adopt can take it out: the traces are yurtctl's own, and nothing else's. */
  adoptable: boolean
}

/** Who else converted this host; undefined where nobody did, or we. */
export function foreignConversion(facts: HostFacts, release: Release): Foreign | undefined {
  const { hubManifest, joinedHubManifest, dropIn, dropInBackup, flags } = facts.files
  if (joinedHubManifest.state !== 'absent') return { by: 'yurtctl join', adoptable: false }
  if (
    convertedByUs(facts, release) ||
    facts.state.journals.some(({ verb, result }) => verb === 'convert' && result !== 'undone')
  )
    return undefined
  const hub = hubManifest.state !== 'absent'
  if (hub && !isYurtctlHub(hubManifest.content, release.hub.name))
    return { by: 'somebody else', adoptable: false }
  if (isEditedDropIn(dropIn, dropInBackup, release.hub.kubeconfig))
    return { by: 'yurtctl v0.5', adoptable: true }
  return hub || hasYurtctlFlags(flags.content, release.hub.kubeconfig)
    ? { by: 'yurtctl v0.6', adoptable: true }
    : undefined
}

/** The static pod that yurtctl renders; every version of it hands the hub a join token. */
function isYurtctlHub(manifest: string | undefined, name: string): boolean {
  if (manifest === undefined) return false
  return new RegExp(`k8s-app: ${name}\\b`).test(manifest) && /--join-token[= ]/.test(manifest)
}

/** Whether the hub here is ours: by a journal, or, where that is gone, by the file that starts it. */
export function convertedByUs(facts: HostFacts, release: Release): boolean {
  const { path: hub, content } = flavourOf(release).definition(facts)
  return (
    facts.state.journals.some(
      ({ result, writes }) => result !== 'undone' && writes.some(({ path }) => path === hub),
    ) || content?.includes('app.kubernetes.io/managed-by: yurt-ssh') === true
  )
}
