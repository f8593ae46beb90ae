import { type ClusterStep, refOf, refText } from '../cluster/types.js'
import { counted } from '../words.js'
import type { HostStep } from './types.js'

/** What follows a host's commit. */
export const confirming = 'wait for the API to confirm it'

/** Steps that only prepare an undo say nothing to the operator. */
export function isVisible(step: HostStep): boolean {
  return !['undo-removes-hub', 'undo-restarts-kubelet', 'own-tree', 'remember-controller-managers'].includes(
    step.kind,
  )
}

/** What a step does, in a few words. */
export function describeHostStep(step: HostStep): string {
  switch (step.kind) {
    case 'pull-image':
      return `pull image ${step.image}`
    case 'make-directory':
      return `make directory ${step.path} (${step.mode})`
    case 'own-tree':
      return `note that ${step.path} is ours`
    case 'write-file':
      return `${step.before === 'absent' ? 'create' : 'change'} ${step.path} (${step.mode})`
    case 'remove-file':
    case 'remove-tree':
    case 'remove-directory-if-empty':
      return `remove ${step.path}`
    case 'undo-removes-hub':
      return 'note that an undo removes the hub'
    case 'undo-restarts-kubelet':
      return 'note that an undo restarts the kubelet'
    case 'remember-controller-managers':
      return 'note which kube-controller-managers run'
    case 'wait-hub':
      return `wait for the hub, up to ${step.timeoutSeconds} s`
    case 'wait-hub-gone':
      return `wait until the hub is gone, up to ${step.timeoutSeconds} s`
    case 'restart-kubelet':
      return `restart the kubelet, prove it through the ${step.through === 'hub' ? 'hub' : 'API server'}`
    case 'wait-controller-manager':
      return `wait for kube-controller-manager with the node lifecycle ${step.lifecycle}`
    case 'clean-network':
      return 'remove what the hub left in the network'
    case 'clean-tunnel-chains':
      return 'remove the nat chains of the tunnel server'
    case 'restart-pods':
      return `restart ${counted(step.uids.length, 'pod')}`
  }
}

/** What a step of the cluster does, in a few words. */
export function describeClusterStep(step: ClusterStep): string {
  switch (step.kind) {
    case 'label':
    case 'annotate':
      return `${step.node}: ${describeKey(step)}`
    case 'apply':
      return `${step.before === null ? 'create' : 'update'} ${refText(refOf(step.object))}`
    case 'delete':
      return `delete ${refText(step.ref)}`
    case 'wait-deployment':
      return `wait for Deployment ${step.name}, up to ${step.timeoutSeconds} s`
    case 'wait-lease':
      return `wait until ${step.deployment} holds its Lease, up to ${step.timeoutSeconds} s`
    case 'wait-leader':
      return step.before === undefined
        ? `wait until ${step.name} has a leader at work`
        : `wait until a process started since leads ${step.name}`
    case 'wait-pods-gone':
      return `wait until pods ${step.selector} are gone`
  }
}

/** The change of a label or an annotation, without its node. */
export function describeKey(step: ClusterStep & { kind: 'label' | 'annotate' }): string {
  const what = step.kind === 'label' ? 'label' : 'annotation'
  const from = step.before === null ? '' : ` (was ${step.before})`
  return `${what} ${step.key}${step.value === null ? ' removed' : `=${step.value}`}${from}`
}

/** Whether a step changes a label or an annotation. */
export function isKey(step: ClusterStep): step is ClusterStep & { kind: 'label' | 'annotate' } {
  return step.kind === 'label' || step.kind === 'annotate'
}
