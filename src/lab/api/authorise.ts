import { ApiFailure, resourceText } from './failure.js'
import { isRecord, type Json } from './object.js'
import { type Attributes, groupsOf, rbacAllows } from './rbac.js'
import { storeKey, type Target } from './route.js'
import type { Store } from './store.js'

/** Users whose real counterparts may do here whatever they ask for. */
const trusted = new Set(['admin', 'system:kube-controller-manager', 'system:kube-scheduler'])
const reading = new Set(['get', 'list', 'watch'])

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** @throws ApiFailure 403 when this user may not do that */
export function authorise(store: Store, user: string, verb: Verb, target: Target, body?: Json): void {
  if (trusted.has(user)) return
  const { resource, namespace, name, subresource } = target
  const asked: Attributes = {
    user,
    groups: groupsOf(user),
    verb,
    group: resource.group,
    resource: subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  }
  const node = /^system:node:(.+)$/.exec(user)?.[1]
  const allowed = (node !== undefined && nodeMay(store, node, verb, target, body)) || rbacAllows(store, asked)
  if (!allowed || !maySign(store, asked, target)) throw forbidden(asked, target)
}

/** The node authoriser and NodeRestriction: everything that a kubelet reads, and its own objects to write. */
function nodeMay(store: Store, node: string, verb: Verb, target: Target, body?: Json): boolean {
  const { resource, namespace, name, subresource } = target
  if (reading.has(verb)) return true
  const bodyName = isRecord(body) && isRecord(body.metadata) ? body.metadata.name : undefined
  switch (resource.kind) {
    case 'Node':
      return verb !== 'delete' && verb !== 'deletecollection' && (name ?? bodyName) === node
    case 'Lease':
      return namespace === 'kube-node-lease' && (name ?? bodyName) === node
    case 'CertificateSigningRequest':
      return verb === 'create'
    case 'Event':
      return verb !== 'delete' && verb !== 'deletecollection'
    case 'Pod': {
      if (verb === 'create') return isRecord(body) && isMirror(body, node)
      const pod = store.get(storeKey(target))
      const nodeName = (pod?.spec as { nodeName?: string } | undefined)?.nodeName
      const own = pod === undefined || nodeName === node
      return own && (verb === 'delete' || subresource === 'status')
    }
    default:
      return false
  }
}

/** A kubelet creates pods only as mirrors of static ones, on its own node. */
function isMirror(pod: Record<string, unknown>, node: string): boolean {
  const annotations = (pod.metadata as { annotations?: Record<string, string> } | undefined)?.annotations
  const nodeName = (pod.spec as { nodeName?: string } | undefined)?.nodeName
  return nodeName === node && annotations?.['kubernetes.io/config.mirror'] !== undefined
}

/** Whoever approves a request needs the verb `approve` on its signer too. */
function maySign(store: Store, asked: Attributes, target: Target): boolean {
  if (target.subresource !== 'approval' || reading.has(asked.verb)) return true
  const { signerName } = (store.get(storeKey(target))?.spec ?? {}) as { signerName?: string }
  const signer = {
    ...asked,
    verb: 'approve',
    resource: 'signers',
    ...(signerName ? { name: signerName } : {}),
  }
  return signerName !== undefined && rbacAllows(store, signer)
}

function forbidden({ user, verb, group, resource, namespace }: Attributes, target: Target): ApiFailure {
  const what = `${resourceText(target.resource)}${target.name === undefined ? '' : ` "${target.name}"`}`
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const why = `User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`
  return new ApiFailure(403, 'Forbidden', `${what} is forbidden: ${why}`)
}
