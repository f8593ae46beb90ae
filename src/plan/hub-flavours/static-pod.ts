import type { Host } from '../../inventory/types.js'
import { maskToken, renderHubManifest, tokenPlaceholder } from '../../node/hub.js'
import type { HostFacts } from '../../node/types.js'
import { qualifiedImage } from '../../releases/release.js'
import { isLost } from '../changed.js'
import { newFile, removal } from '../files.js'
import { bootstrapSteps, needsToken, serverAddrOf } from '../hub-bootstrap.js'
import type { PlanOptions } from '../options.js'
import type { HostStep } from '../types.js'
import type { HubFlavour } from './types.js'

/** The hub as a static pod of the node's own kubelet. */
export const staticPod: HubFlavour = {
  definition: ({ files }) => files.hubManifest,
  images: ({ images }) => [images.yurthub],
  up,
  down: ({ files: { hubManifest } }) =>
    hubManifest.state === 'file' ? [{ reason: 'the kubelet stops the hub', ...removal(hubManifest) }] : [],
  matches: hubManifestMatches,
  confirmation: (node, { hub }) => ({ mirrorPod: `${hub.name}-${node}` }),
}

function up(host: Host, facts: HostFacts, options: PlanOptions): HostStep[] {
  const { hub } = options.release
  const image = qualifiedImage(options.images.yurthub)
  const manifest = newFile(
    `${facts.staticPodPath}/${hub.manifest}`,
    wantedHubManifest(host, facts, options),
    '0600',
  )
  return [
    ...(facts.images.includes(image)
      ? []
      : [
          {
            kind: 'pull-image' as const,
            image,
            tool: facts.imageTool,
            endpoint: facts.runtimeEndpoint,
            reason: 'the hub must start at once',
          },
        ]),
    ...ownTree(facts, 'hubRoot', hub.root, 'the hub keeps its certificates there'),
    ...bootstrapSteps(host, facts, options),
    ...ownTree(facts, 'hubCache', hub.cache, 'the hub caches the API there'),
    { kind: 'undo-removes-hub', reason: 'an undo waits for the hub to be gone' },
    { reason: `the hub as a static pod, ${host.role} mode`, ...manifest },
  ]
}

/** Marks what grows there as ours; where it is our hub's already, of which only the manifest is gone, it is marked. */
function ownTree(facts: HostFacts, key: 'hubRoot' | 'hubCache', path: string, reason: string): HostStep[] {
  return facts.files[key].state !== 'absent' && isLost(facts, facts.files.hubManifest)
    ? []
    : [{ kind: 'own-tree', path, reason }]
}

/** The hub's manifest as it should stand on this host, its token a placeholder. */
export function wantedHubManifest(host: Host, facts: HostFacts, options: PlanOptions): string {
  return renderHubManifest(
    {
      image: qualifiedImage(options.images.yurthub),
      mode: host.role,
      serverAddr: serverAddrOf(host, facts, options),
      hubArgs: host.hubArgs,
      ...(needsToken(facts, options) ? { joinToken: tokenPlaceholder } : {}),
    },
    options.release.hub,
  )
}

/** Whether the hub there is the one we would put there; its token does not count. */
export function hubManifestMatches(host: Host, facts: HostFacts, options: PlanOptions): boolean {
  const { content } = facts.files.hubManifest
  if (content === undefined) return false
  const wanted = wantedHubManifest(host, facts, options)
  return [wanted, wantedHubManifest(host, facts, { ...options, joinToken: !options.joinToken })].some(
    (manifest) => maskToken(content) === maskToken(manifest),
  )
}
