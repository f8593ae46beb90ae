/** A path on a host as it was found. `content` only where the file cannot hold a secret, or with secrets masked. */
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
  /** Its environment files' lines, joined, without kubeadm-flags.env. */
  extraEnvironment: string
  /** Arguments of the running process; empty when it is not running. */
  commandLine: string[]
}
