import type { KubeObject, ObjectRef } from '../cluster/types.js'

/** One change or wait on a host, inside its transaction. `reason` is for the operator. */
export type HostStep = { reason: string } & (
  | { kind: 'pull-image'; image: string }
  | { kind: 'make-directory'; path: string; mode: string }
  | WriteFile
  | RemoveFile
  /** Removes a whole tree that the hub made; refused unless the path is one of the release's own. */
  | { kind: 'remove-tree'; path: string }
  /** GETs until status 200; `asNode` also wants the body to be the host's own Node. */
  | { kind: 'wait-hub'; timeoutSeconds: number }
  | { kind: 'wait-hub-gone'; timeoutSeconds: number }
  /** daemon-reload, stop, note the time, start, then the proof; `through` says where its Node must come from. */
  | { kind: 'restart-kubelet'; through: 'hub' | 'api'; timeoutSeconds: number }
  | { kind: 'wait-controller-manager'; lifecycle: 'on' | 'off'; timeoutSeconds: number }
  /** iptables rules and the dummy interface that a hub killed hard leaves. */
  | { kind: 'clean-network' }
  | { kind: 'restart-pods'; uids: string[] }
)

export interface WriteFile {
  kind: 'write-file'
  path: string
  /** Text to write; `{{token}}` stands for the run's bootstrap token and is filled in at apply. */
  content: string
  mode: string
  uid: number
  gid: number
  /** sha256 of what is there now, or `absent`: the host refuses when it has changed since. */
  before: string
  /** What is there now, for the diff; absent for a new file. */
  beforeContent?: string
}

export interface RemoveFile {
  kind: 'remove-file'
  path: string
  before: string
  beforeContent?: string
}

export type ClusterStep = { reason: string } & (
  | { kind: 'label'; node: string; key: string; value: string | null; before: string | null }
  | { kind: 'annotate'; node: string; key: string; value: string | null; before: string | null }
  | { kind: 'apply'; object: KubeObject; before: KubeObject | null }
  | { kind: 'delete'; ref: ObjectRef; before: KubeObject | null }
  | { kind: 'wait-deployment'; namespace: string; name: string; timeoutSeconds: number }
  /** Until the Lease is held by a pod of that Deployment and renewed: the proof for a pod without probes. */
  | { kind: 'wait-lease'; namespace: string; name: string; deployment: string; timeoutSeconds: number }
  /** Until no pod of a deleted workload is left on the node(s). */
  | { kind: 'wait-pods-gone'; namespace: string; selector: string; timeoutSeconds: number }
)
