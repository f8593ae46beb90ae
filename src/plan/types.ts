import type { ClusterStep, NodeChange } from '../cluster/types.js'

/** One change or wait on a host, inside its transaction. `reason` is for the operator. */
export type HostStep = { reason: string } & HostAction

export type HostAction =
  | { kind: 'pull-image'; image: string; tool: string; endpoint: string }
  | { kind: 'make-directory'; path: string; mode: string }
  /** What grows at `path` from here on is ours: an undo removes the whole tree. It must be absent. */
  | { kind: 'own-tree'; path: string }
  | WriteFile
  | RemoveFile
  | { kind: 'remove-tree'; path: string }
  | { kind: 'remove-directory-if-empty'; path: string }
  /** An undo of what follows ends by waiting until the hub is gone. */
  | { kind: 'undo-removes-hub' }
  /** An undo of what follows ends by restarting the kubelet. */
  | { kind: 'undo-restarts-kubelet' }
  /** Until the hub is healthy and the host's own Node comes through it. */
  | { kind: 'wait-hub'; timeoutSeconds: number }
  | { kind: 'wait-hub-gone'; timeoutSeconds: number }
  /** daemon-reload, stop, start, then the kubelet's own proof that it talks to the hub, or to the API server. */
  | { kind: 'restart-kubelet'; through: 'hub' | 'api'; server: string; timeoutSeconds: number }
  | { kind: 'remember-controller-managers' }
  /** Until a process started since the edit, told by `words` too, is healthy and runs with or without the lifecycle. */
  | {
      kind: 'wait-controller-manager'
      lifecycle: 'on' | 'off'
      server: string
      timeoutSeconds: number
      /** What its command line ends with. */
      words: string[]
    }
  /** iptables rules, and the dummy interface unless it was there before the hub. */
  | { kind: 'clean-network'; hubInterface: 'keep' | 'remove' }
  /** The nat chains of a tunnel server. */
  | { kind: 'clean-tunnel-chains' }
  | { kind: 'restart-pods'; uids: string[] }

/** The actions whose effect a plan shows as a difference of files. */
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

/** What one host does by itself, whole or not at all. */
export interface HostTransaction {
  kind: 'hub' | 'controller-manager' | 'tunnel'
  verb: 'convert' | 'revert'
  /** Undone together when one of them fails. */
  steps: HostStep[]
  /** After the commit; each may be repeated, none is undone. */
  cleanup: HostStep[]
  deadlineSeconds: number
}

/** What the API must say after a host's own proof. */
export type Confirmation =
  /** `after`: the Node's heartbeat must be of then or later (RFC 3339); absent where its kubelet is not restarted. */
  | { kind: 'node-ready'; after?: string; mirrorPod?: string }
  /** `before` is the mirror pod's config hash of now. */
  | { kind: 'controller-manager'; lifecycle: 'on' | 'off'; before: string }

/** Everything that happens for one host in one phase; empty parts are left out. */
export interface HostWork {
  /** Inventory name. */
  host: string
  node: string
  transaction?: HostTransaction
  confirm?: Confirmation
  /** On the API, after host and confirmation. */
  after: NodeChange[]
  /** Remove our folder from the host at the end: nothing of ours is left on it. */
  forget: boolean
  /** What the operator should know of this host's part. */
  notes: string[]
}

/**
 * `onFailure` of a host: go on with the next hosts and phases, stop at once, or finish the phase and stop then.
 */
export type Phase = { title: string } & (
  | { kind: 'cluster'; steps: ClusterStep[] }
  | {
      kind: 'hosts'
      order: 'parallel' | 'one-by-one'
      onFailure: 'go-on' | 'stop' | 'finish-phase'
      work: HostWork[]
    }
)

/** A run as data: its phases in order. No phase: nothing to do. */
export interface Plan {
  verb: 'convert' | 'revert'
  release: string
  phases: Phase[]
  notes: string[]
}
