export interface ReleaseImages {
  yurthub: string
  yurtControllerManager: string
  yurtTunnelServer: string
  yurtTunnelAgent: string
  yurtAppManager: string
}

/** What an OpenYurt release is, as data: everything that differs from one to the next. */
export interface Release {
  name: string
  kubernetes: {
    /** Server versions it works with, a semver range. */
    range: string
    /** What is amiss outside of it. */
    hint: string
  }
  images: ReleaseImages
  hub: HubRelease
  edgeWorkerLabel: string
  autonomyAnnotation: string
  /** What the annotation says on an autonomous node. */
  autonomyValue: string
  lifecycle: {
    /** The controller that owns the node lifecycle once converted. */
    owner: string
    /** Whether kube-controller-manager's own one is switched off for it, or goes on. */
    stock: 'off' | 'on'
  }
  /** What runs in the cluster, in the order to apply it. */
  components: readonly ComponentRelease[]
}

/** The hub: one process per node, between its kubelet and the API server. */
export interface HubRelease {
  /** How it runs on a node: see src/plan/hub-flavours. */
  flavour: 'static-pod'
  /** Of its static pod, and its label k8s-app. */
  name: string
  /** File in the folder of static pods, and its template. */
  manifest: string
  template: string
  /** Its command line but for the operator's own arguments. */
  command: (settings: HubCommand) => string[]
  /** File in the folder of static pods by which a node is told that OpenYurt's own tool joined. */
  joinedManifest: string
  /** Its folders for certificates and for what it caches. */
  root: string
  cache: string
  openyurtDir: string
  /** The kubelet's kubeconfig once it goes through the hub; in `openyurtDir`. */
  kubeconfig: string
  /** By these two it bootstraps without a token. */
  ca: string
  bootstrapConfig: string
  /** TCP ports on the node that must be free: for the kubelet, for health, for pods over TLS. */
  ports: { proxy: number; health: number; secureProxy: number }
  healthPath: string
  /** Its dummy interface, and the address on it that pods are sent to. */
  interface: string
  address: string
  /** The component that approves its certificate. */
  approver: string
}

/** What its command line says of a node. */
export interface HubCommand {
  mode: 'edge' | 'cloud'
  /** One or more `https://host:port`, comma separated; the first one is what the hub bootstraps from. */
  serverAddr: string
  /** Bootstrap by token: its placeholder, filled in when the host's script is rendered. */
  joinToken?: string
}

/** A part of OpenYurt that runs in the cluster; its objects stand in `components/<release>/<name>.yaml.hbs`. */
export interface ComponentRelease {
  name: string
  /** The option that asks for it; absent where every conversion has it. */
  option?: 'tunnel' | 'app-manager'
  /** Absent where it is settings only. */
  workload?: Workload
  /** What must hold before anything builds on it, in that order. */
  proofs: readonly ComponentProof[]
  /** Objects that it makes itself at runtime. */
  leftovers: readonly ObjectName[]
  kinds?: CustomKinds
}

export interface Workload {
  image: keyof ReleaseImages
  /** Label selector of its pods. */
  pods: string
  /** Role of the hosts whose nodes it may run on. */
  runsOn: 'cloud' | 'edge'
  /** TCP ports that it takes on those hosts. */
  hostPorts?: readonly number[]
  /** Folder on those hosts that it leaves behind. */
  hostFolder?: string
}

export type ComponentProof =
  | { kind: 'available' }
  /** Its Lease is held by a pod of its Deployment and renewed. */
  | { kind: 'lease'; name: string; reason: string }

export interface ObjectName {
  apiVersion: string
  kind: string
  namespace: string
  name: string
}

/** Kinds that a component brings: definitions before it, webhooks behind it. */
export interface CustomKinds {
  group: string
  version: string
  /** Template of both configurations, and what their names begin with. */
  webhooks: { template: string; prefix: string }
  kinds: readonly CustomKind[]
}

/** A kind; its schema stands in `components/<release>/<plural>-schema.yaml.hbs`. */
export interface CustomKind {
  kind: string
  plural: string
  singular: string
  shortName: string
  scope: 'Cluster' | 'Namespaced'
  category: string
  columns: { name: string; type: string; path: string }[]
  /** What the webhooks are asked about. */
  operations: { mutating: string; validating: string }
}
