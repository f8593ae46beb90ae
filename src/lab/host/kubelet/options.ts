import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseAllDocuments } from 'yaml'
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
  const flags = readFlags(argv.slice(1))
  const config = readConfig(root, flags.get('config') ?? '')
  const node = (flags.get('hostname-override') || hostname).trim().toLowerCase()
  const access = readAccess(root, flags.get('kubeconfig') ?? '', flags.get('bootstrap-kubeconfig') ?? '')
  return {
    ...access,
    node,
    user: access.user ?? `system:node:${node}`,
    staticPodPath: flags.get('pod-manifest-path') || config.staticPodPath,
    cgroupDriver: config.cgroupDriver === 'systemd' ? 'systemd' : 'cgroupfs',
  }
}

/** Flags as pflag reads them: of several uses the last counts, `_` is `-`. */
function readFlags(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>()
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    const [, given, value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (given === undefined) throw new Error(`unknown command: ${word}`)
    const name = given.replaceAll('_', '-')
    if (!known.test(name)) throw new Error(`Failed to parse kubelet flag: unknown flag: --${given}`)
    const next = args[at + 1]
    if (value !== undefined || next === undefined || next.startsWith('--')) flags.set(name, value ?? '')
    else {
      flags.set(name, next)
      at++
    }
  }
  return flags
}

interface Config {
  kind?: string
  cgroupDriver?: string
  staticPodPath?: string
}

/** A relative folder of static pods starts at the configuration's own. */
function readConfig(root: string, path: string): Config {
  if (path === '') return {}
  const failed = `failed to load Kubelet config file ${path}`
  if (!existsSync(root + path))
    throw new Error(`${failed}, error failed to read kubelet config file: no such file or directory`)
  const config = parsed(readFileSync(root + path, 'utf8')) as Config | undefined
  if (config?.kind !== 'KubeletConfiguration')
    throw new Error(`${failed}, error: no kind "KubeletConfiguration"`)
  if (!config.staticPodPath) return config
  return { ...config, staticPodPath: resolve(dirname(path), config.staticPodPath) }
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

/** The first document, undefined where it is broken; of a repeated key the last counts. */
function parsed(text: string): unknown {
  const [first] = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' })
  return first?.errors?.length === 0 ? first.toJS() : undefined
}
