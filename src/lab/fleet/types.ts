/** A file (`text`), a link or else a folder of a host. */
export interface HostFile {
  path: string
  /** Octal. */
  mode?: string
  text?: string
  link?: string
}

export type SudoMode = 'passwordless' | 'password' | 'wrong' | 'requiretty' | 'absent'

/** A host of the lab before it is made. */
export interface HostSpec {
  name: string
  role: 'cloud' | 'edge'
  controlPlane: boolean
  /** Its simulated address, as nodes and pods name it. */
  address: string
  arch: 'amd64' | 'arm64'
  engine: 'containerd' | 'docker'
  /** Command-line tools that look at images. */
  imageTools: readonly string[]
  cgroupDriver: 'systemd' | 'cgroupfs'
  /** The version of its systemd. */
  systemd: number
  /** Login name; any but root goes through sudo. */
  user: string
  sudo: SudoMode
  images: readonly string[]
  files: readonly HostFile[]
}
