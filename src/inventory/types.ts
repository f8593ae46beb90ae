/** Where a value stands in an inventory file; line and column count from 1. */
export interface Position {
  file: string
  line: number
  column: number
}

export type Role = 'cloud' | 'edge'

export type HostKeyPolicy = 'strict' | 'accept-new' | 'off'

/** Where a secret comes from: the operator, a file, or an environment variable. No inventory holds the secret itself. */
export type SecretSource = 'ask' | { file: string } | { env: string }

/** One hop: the keys carry OpenSSH's names in camel case where OpenSSH has them. */
export interface SshHop {
  address: string
  port: number
  user: string
  /** Private key files, tried in order; the agent (SSH_AUTH_SOCK) is tried after them unless `identitiesOnly`. */
  identityFile: string[]
  identitiesOnly: boolean
  /** Files in known_hosts format, first match wins. */
  knownHosts: string[]
  strictHostKeyChecking: HostKeyPolicy
  /** Whether names are recorded hashed. */
  hashKnownHosts?: boolean
  /** Seconds for TCP connect, key exchange and login together. */
  connectTimeout: number
  /** Seconds between signs of life that are asked for, and how many may stay away; 10 and 3 unless set. */
  serverAliveInterval?: number
  serverAliveCountMax?: number
  /** Password of the login, tried last. */
  password?: SecretSource
  /** Passphrase of the private keys; asked for when absent. */
  passphrase?: SecretSource
  /** A shell command whose stdin and stdout are the connection. */
  proxyCommand?: string
  /** The hop before this one. */
  bastion?: SshHop
  /** What ssh_config sets for this hop and is not honoured, as `Keyword (file:line)`. */
  notHonoured?: string[]
}

export interface SshSettings extends SshHop {
  /** Password for sudo, sent only where sudo asks for one. */
  sudoPassword?: SecretSource
}

/** A host as the rest of the program sees it: every setting resolved, nearest wins (host, group, top). */
export interface Host {
  name: string
  /** Kubernetes node name; the host's name unless the inventory says otherwise. */
  node: string
  role: Role
  /** Names of the groups it stands in, outermost first. */
  groups: string[]
  /** Whether a control-plane host gets a hub as well; other hosts always do. */
  hub: boolean
  /** API server address(es) for the hub, instead of the one in the host's kubelet.conf. */
  serverAddr?: string
  /** More arguments for the hub, each one `--name=value`. */
  hubArgs: string[]
  ssh: SshSettings
  /** Where each of its SSH settings comes from: a level of the inventory, `file:line` of an ssh_config, or `default`. */
  sshOrigins?: Readonly<Record<string, string>>
  position: Position
}

export interface Images {
  yurthub: string
  yurtControllerManager: string
  yurtTunnelServer: string
  yurtTunnelAgent: string
  yurtAppManager: string
}

/** A group as the inventory nests it. */
export interface GroupTree {
  name: string
  groups: GroupTree[]
  /** Names of the hosts that stand in it directly. */
  hosts: string[]
}

export interface Inventory {
  /** Paths as given by the operator, comma separated. */
  file: string
  /** Absolute path of the kubeconfig; absent means $KUBECONFIG, then ~/.kube/config. */
  kubeconfig?: string
  context?: string
  /** OpenYurt release, such as `v0.6.1`; an inventory of Ansible has none. */
  release?: string
  /** Images set in the inventory; a release has defaults for the rest. */
  images: Partial<Images>
  hosts: Host[]
  groups: GroupTree[]
  /** Lines on what stands in the files and is not followed. */
  warnings: string[]
  /** Lines on variables that are about something else than hosts and logins. */
  unread: string[]
}
