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
}

export interface MirrorPod {
  name: string
  node: string
  /** Annotation kubernetes.io/config.hash: changes with the manifest. */
  configHash: string
  ready: boolean
  /** The container's command and args, one list. */
  command: string[]
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

/** One line for an object, unique in a cluster: `kind/namespace/name` with the API group. */
export function refKey(ref: ObjectRef): string {
  const group = ref.apiVersion.includes('/') ? ref.apiVersion.split('/')[0] : 'core'
  return [group, ref.kind, ref.namespace ?? '', ref.name].join('/')
}
