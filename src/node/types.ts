/** A path on a host as it was found. `content` only what may leave the host of it. */
export interface FileFact {
  path: string
  state: 'absent' | 'file' | 'directory' | 'link' | 'other'
  /** Of the bytes on the host, lower-case hex. */
  sha256?: string
  /** Four octal digits, such as 0644. */
  mode?: string
  uid?: number
  gid?: number
  content?: string
  /** Of a link that is not followed, where it leads. */
  target?: string
  /** Why nothing of its content left: it is written in a way that is not understood on the host. */
  problem?: string
}

export interface KubeletFacts {
  /** systemctl show: loaded, not-found, masked … */
  loadState: string
  activeState: string
  /** 0 when it is not running. */
  mainPid: number
  /** Unit file and drop-ins in the order systemd reads them. */
  unitPaths: string[]
  /** Text of the unit and its drop-ins, as `systemctl cat` prints it. */
  unitText: string
  /** EnvironmentFile= paths in order, without the leading dash. */
  environmentFiles: string[]
  /** What its environment files set of the variables that its unit names, joined, without kubeadm-flags.env. */
  extraEnvironment: string
  /** Arguments of the running process; empty when it is not running. */
  commandLine: string[]
}

/** One line `write` of a journal: what stood at `path` before and what we put there. */
export interface JournalWrite {
  number: number
  path: string
  /** sha256, or `absent`. */
  before: string
  after: string
  /** Of the file before; absent for a new file. */
  mode?: string
  uid?: number
  gid?: number
  /** The bytes before, where they may leave the host and still exist. */
  backup?: string
}

/** A transaction's folder on the host. */
export interface JournalFacts {
  id: string
  verb: string
  /** `open` while no result stands in its folder. */
  result: 'open' | 'committed' | 'unfinished' | 'undone' | 'undo-failed' | 'damaged'
  writes: JournalWrite[]
  /** Folders that were absent before, and that we made, or that grow with a hub. */
  directories: string[]
  trees: string[]
  /** Whether it has its commit: then nothing of it is undone. */
  committed?: true
  /** Whether the journal could be read to its end. */
  intact: boolean
  /** Whether the hub's dummy interface was there before the hub. */
  hubInterface?: 'keep' | 'remove'
}

/** What is free on the file system of a folder; what could not be told, or is not counted there, is absent. */
export interface DiskFacts {
  folder: string
  /** Where that file system is mounted. */
  mount?: string
  freeKiB?: number
  freeInodes?: number
}

/** The static pods that must be defined once; the hub is one where the release has it so. */
export type StaticPodName = 'controllerManager' | 'hub'

/** Everything that a plan needs to know of a host; gathered by templates/host/facts.sh.hbs. */
export interface HostFacts {
  /** User id that scripts run as, 0 is root; absent when it could not be told. */
  uid?: number
  /** Go's name: amd64, arm64, arm … */
  arch: string
  kernel: string
  hostname: string
  bootId: string
  /** Seconds since 1970 on the host's clock when the facts were read. */
  clock: number
  /** curl, wget, python3, bash, nc or none. */
  httpClient: string
  /** Version number; absent when the host does not run systemd. */
  systemd?: number
  missingTools: string[]
  otherDistributions: string[]
  disks: DiskFacts[]
  dummy: 'present' | 'loadable' | 'absent'
  iptables: boolean
  hubRules: number
  tunnelChains: number
  kubelet: KubeletFacts
  /** Folder that the running kubelet takes static pods from; '' when it has none. */
  staticPodPath: string
  staticPods: string[]
  /** Which of these define the pod, or run its program: the right file among them. */
  definedIn: Record<StaticPodName, string[]>
  engine: string
  /** --container-runtime-endpoint or its counterpart in the kubelet's configuration; '' for dockershim. */
  runtimeEndpoint: string
  /** crictl, ctr, docker or none. */
  imageTool: string
  /** Why none of those that are there can be used. */
  imageToolProblem?: string
  /** Of the images asked for, those that the runtime has. */
  images: string[]
  /** HTTP status of the registry of each image that the runtime lacks; 000 is no answer. */
  registries: Record<string, string>
  /** The file that may send the runtime elsewhere, to a mirror or a proxy, by images whose registry does not answer. */
  mirrors?: Record<string, string>
  /** Listening TCP ports among those that the hub and tunnel use. */
  listening: number[]
  /** HTTP status of /healthz by API server address; 000 is no answer. */
  api: Record<string, string>
  /** HTTP status of the hub's /v1/healthz, and of the host's own Node through the hub. */
  hubHealth: string
  hubServes: string
  /** Public half of the bootstrap token in the hub's manifest; '' where it has none. */
  hubTokenId: string
  tunnelDirectories: string[]
  /** Pods with a running container, and the KUBERNETES_SERVICE_HOST in its environment; no static pods. */
  pods: { uid: string; serviceHost: string }[]
  files: Record<FileKey, FileFact>
  state: {
    /** ActiveState of the transaction unit. */
    unit: string
    format: string
    lock: string
    journals: JournalFacts[]
  }
}

export const fileKeys = [
  'flags',
  'kubeletConfig',
  'controllerManager',
  'hubManifest',
  'joinedHubManifest',
  'kubeconfig',
  'ourKubeconfig',
  'ca',
  'clientPem',
  'kubernetesDir',
  'kubeletPki',
  'hubRoot',
  'hubCa',
  'hubBootstrap',
  'hubCache',
  'openyurtDir',
  'dropIn',
  'dropInBackup',
] as const

export type FileKey = (typeof fileKeys)[number]
