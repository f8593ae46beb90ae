import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { nodeNameOverride, staticPodPath } from '../../../node/kubelet-settings.js'
import { lastFlag } from '../../../node/kubelet-unit.js'
import { subjectOf } from '../../pki.js'

/** What a kubelet runs with. */
export interface KubeletOptions {
  node: string
  /** The API server's address, by its kubeconfig. */
  server: string
  /** Who it is to the API. */
  user: string
  staticPodPath: string | undefined
  cgroupDriver: 'systemd' | 'cgroupfs'
}

/** kubeadm's flags for kubelets from 1.12 to 1.21, and those that operators add; any other is an error. */
const known =
  /^(address|allow-privileged|allowed-unsafe-sysctls|authentication-token-webhook|authorization-mode|bootstrap-kubeconfig|cert-dir|cgroup-driver|cgroups-per-qos|client-ca-file|cluster-dns|cluster-domain|cni-bin-dir|cni-conf-dir|config|container-runtime|container-runtime-endpoint|enforce-node-allocatable|eviction-hard|eviction-soft|fail-swap-on|feature-gates|hostname-override|image-gc-high-threshold|image-gc-low-threshold|image-pull-progress-deadline|kube-reserved|kubeconfig|logtostderr|max-pods|network-plugin|node-ip|node-labels|pod-infra-container-image|pod-manifest-path|provider-id|read-only-port|register-node|register-with-taints|resolv-conf|root-dir|rotate-certificates|runtime-cgroups|serialize-image-pulls|streaming-connection-idle-timeout|system-reserved|tls-cert-file|tls-cipher-suites|tls-private-key-file|v|volume-plugin-dir)$/

interface Kubeconfig {
  'current-context'?: string
  contexts?: { name: string; context: { cluster: string; user: string } }[]
  clusters?: { name: string; cluster: { server: string } }[]
  users?: { name: string; user?: { 'client-certificate'?: string } }[]
}

/**
 * Reads command line and files as the kubelet does at its start.
 * @throws Error its last words when it cannot start with them
 */
export function kubeletOptions(root: string, argv: readonly string[], hostname: string): KubeletOptions {
  const args = argv.slice(1)
  for (const [index, word] of args.entries()) {
    const name = /^--([^=]*)/.exec(word)?.[1]
    if (name !== undefined && !known.test(name))
      throw new Error(`Failed to parse kubelet flag: unknown flag: --${name}`)
    if (name === undefined && !/^--[^=]+$/.test(args[index - 1] ?? ''))
      throw new Error(`unknown command: ${word}`)
  }
  const config = readConfig(root, lastFlag(args, 'config'))
  const node = nodeNameOverride(args) ?? hostname.toLowerCase()
  const access = readAccess(
    root,
    lastFlag(args, 'kubeconfig') ?? '',
    lastFlag(args, 'bootstrap-kubeconfig') ?? '',
  )
  return {
    ...access,
    node,
    user: access.user ?? `system:node:${node}`,
    staticPodPath: staticPodPath(config.text, args),
    cgroupDriver: config.cgroupDriver === 'systemd' ? 'systemd' : 'cgroupfs',
  }
}

function readConfig(root: string, path: string | undefined): { text?: string; cgroupDriver?: string } {
  if (path === undefined || path === '') return {}
  const failed = `failed to load Kubelet config file ${path}`
  if (!existsSync(root + path))
    throw new Error(`${failed}, error failed to read kubelet config file: no such file or directory`)
  const text = readFileSync(root + path, 'utf8')
  const config = parsed(text) as { kind?: string; cgroupDriver?: string } | undefined
  if (config?.kind !== 'KubeletConfiguration')
    throw new Error(`${failed}, error: no kind "KubeletConfiguration"`)
  return { text, ...(config.cgroupDriver === undefined ? {} : { cgroupDriver: config.cgroupDriver }) }
}

/** A bootstrap kubeconfig counts wherever the kubeconfig has no client certificate, and must then be there. */
function readAccess(
  root: string,
  path: string,
  bootstrap: string,
): { server: string; user: string | undefined } {
  const kubeconfig =
    existsSync(root + path) && path !== ''
      ? (parsed(readFileSync(root + path, 'utf8')) as Kubeconfig)
      : undefined
  const context = kubeconfig?.contexts?.find(({ name }) => name === kubeconfig['current-context'])?.context
  const server = kubeconfig?.clusters?.find(({ name }) => name === context?.cluster)?.cluster.server
  const pem = kubeconfig?.users?.find(({ name }) => name === context?.user)?.user?.['client-certificate']
  const certified = pem !== undefined && existsSync(root + pem)
  if (bootstrap !== '' && !certified) {
    throw new Error(
      `failed to run Kubelet: unable to load bootstrap kubeconfig: stat ${bootstrap}: no such file or directory`,
    )
  }
  if (server === undefined)
    throw new Error(`failed to run Kubelet: invalid kubeconfig: stat ${path}: no such file or directory`)
  return { server, user: certified ? subjectOf(readFileSync(root + pem, 'utf8'))?.commonName : undefined }
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
