/** A Kubernetes object as plain data. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    resourceVersion?: string
    uid?: string
    creationTimestamp?: string
    deletionTimestamp?: string
  }
  [field: string]: unknown
}

export interface ObjectRef {
  apiVersion: string
  kind: string
  name: string
  namespace?: string
}

export interface NodeInfo {
  name: string
  labels: Record<string, string>
  annotations: Record<string, string>
  /** Status of the Ready condition. */
  ready: 'True' | 'False' | 'Unknown'
  /** RFC 3339 time of the kubelet's last status, whole seconds: Ready's lastHeartbeatTime. */
  heartbeat: string
  addresses: string[]
  taints: { key: string; value?: string; effect: string }[]
  unschedulable: boolean
  /** By label control-plane or master, or by a kube-controller-manager mirror pod. */
  controlPlane: boolean
  kubeletVersion: string
  arch: string
  /** The kernel's id of its boot; absent where the kubelet tells none. */
  bootId?: string
}

export interface MirrorPod {
  name: string
  node: string
  /** Annotation kubernetes.io/config.hash: changes with the manifest. */
  configHash: string
  /**
   * Ready, or every container runs and passed its startup probe. A kubelet of 1.20 posts the second at once and Ready at
   * its next sync only: 1 to 92 s later were seen.
   */
  started: boolean
}

/** Everything a plan needs to know of the cluster; read-only. */
export interface ClusterFacts {
  /** Such as v1.20.2. */
  serverVersion: string
  nodes: NodeInfo[]
  /** kube-controller-manager's mirror pods. */
  kcmPods: MirrorPod[]
  /** holderIdentity of Lease kube-system/kube-controller-manager (`<host>_<uuid>`), '' when none. */
  kcmLeader: string
  /** The live state of every object that was asked for, by refKey; null where absent. */
  objects: Record<string, KubeObject | null>
  /** Names of Jobs of another converter that are under way in kube-system. */
  foreignJobs: string[]
  /** API groups and versions served, such as `apiextensions.k8s.io/v1`. */
  apiVersions: string[]
  /** Names of bootstrap token Secrets that an earlier run of ours left (label yurt-ssh.io/run). */
  runTokens: { name: string; run: string }[]
}

/** A label or an annotation of a Node; a `value` of null takes it away. */
export type NodeChange = ClusterStep & { kind: 'label' | 'annotate' }

/** What a run changes in the cluster, or waits for; `reason` is for the operator. */
export type ClusterStep = { reason: string } & (
  | { kind: 'label'; node: string; key: string; value: string | null; before: string | null }
  | { kind: 'annotate'; node: string; key: string; value: string | null; before: string | null }
  | { kind: 'apply'; object: KubeObject; before: KubeObject | null }
  | { kind: 'delete'; ref: ObjectRef; before: KubeObject | null }
  | { kind: 'wait-deployment'; namespace: string; name: string; timeoutSeconds: number }
  /** Until the Lease is held by a pod of that Deployment and renewed: the proof for a pod without probes. */
  | { kind: 'wait-lease'; namespace: string; name: string; deployment: string; timeoutSeconds: number }
  /** Until the Lease is held, and renewed, by another process than `before` (its holderIdentity of now), or any. */
  | { kind: 'wait-leader'; namespace: string; name: string; before?: string; timeoutSeconds: number }
  /** Until no pod of a deleted workload is left on the node(s). */
  | { kind: 'wait-pods-gone'; namespace: string; selector: string; timeoutSeconds: number }
)

/** Settings of one request. */
export interface RequestOptions {
  signal?: AbortSignal
  /** For one answer, from the connection to its last byte; 15 when not given. */
  timeoutSeconds?: number
}

export interface WriteOptions extends RequestOptions {
  /** The API server says what would come of it, admission included, and changes nothing. */
  dryRun?: boolean
}

export interface ListOptions extends RequestOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

export interface DeleteOptions extends RequestOptions {
  propagation?: 'Background' | 'Foreground' | 'Orphan'
  /** Preconditions: API_CONFLICT when the object is another one, or has changed. */
  uid?: string
  resourceVersion?: string
}

export interface LogOptions extends RequestOptions {
  container?: string
  tailLines?: number
  /** Of the container before its last restart. */
  previous?: boolean
}

export type PatchKind = 'merge' | 'json' | 'strategic'

/**
 * The API of one cluster, in plain objects. Reads are repeated for a bounded time when the connection is lost, writes
 * never are.
 *
 * Everything throws YurtSshError: API_UNREACHABLE, API_TIMEOUT, API_UNAVAILABLE (429 and 5xx), API_UNAUTHORIZED,
 * API_FORBIDDEN, API_NOT_FOUND, API_CONFLICT, API_INVALID, KUBECONFIG_INVALID, INTERRUPTED.
 */
export interface Cluster {
  /** URL of the API server. */
  readonly server: string
  /** Such as v1.20.2. */
  version(options?: RequestOptions): Promise<string>
  /** API groups and versions served, such as `v1` and `apps/v1`. */
  apiVersions(options?: RequestOptions): Promise<string[]>
  /** The object, or null when it, or its kind, does not exist. */
  get(ref: ObjectRef, options?: RequestOptions): Promise<KubeObject | null>
  /** The same GET without credentials, as a host that has not joined yet would send it. */
  getAnonymously(ref: ObjectRef, options?: RequestOptions): Promise<KubeObject | null>
  /** Every object, fetched in pages. */
  list(apiVersion: string, kind: string, options?: ListOptions): Promise<KubeObject[]>
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  patch(ref: ObjectRef, body: unknown, kind: PatchKind, options?: WriteOptions): Promise<KubeObject>
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<void>
  podLog(namespace: string, pod: string, options?: LogOptions): Promise<string>
  /** Closes idle connections. */
  close(): void
}

/** The reference of an object. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  }
}

/** An object's name for people: `Deployment kube-system/yurt-controller-manager`. */
export function refText(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`
}

/** One line for an object, unique in a cluster: `kind/namespace/name` with the API group. */
export function refKey(ref: ObjectRef): string {
  const group = ref.apiVersion.includes('/') ? ref.apiVersion.split('/')[0] : 'core'
  return [group, ref.kind, ref.namespace ?? '', ref.name].join('/')
}
