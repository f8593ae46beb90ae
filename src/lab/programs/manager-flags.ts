/** Flags that stand alone: true when they do. */
const booleans = new Set([
  'allocate-node-cidrs',
  'alsologtostderr',
  'configure-cloud-routes',
  'contention-profiling',
  'enable-dynamic-provisioning',
  'enable-garbage-collector',
  'enable-hostpath-provisioner',
  'enable-taint-manager',
  'leader-elect',
  'logtostderr',
  'profiling',
  'use-service-account-credentials',
])

/** Flags with a value, as far as kubeadm, its guides and common hardening guides set them. */
const valued = new Set([
  'address',
  'attach-detach-reconcile-sync-period',
  'authentication-kubeconfig',
  'authorization-always-allow-paths',
  'authorization-kubeconfig',
  'bind-address',
  'cert-dir',
  'client-ca-file',
  'cloud-config',
  'cloud-provider',
  'cluster-cidr',
  'cluster-name',
  'cluster-signing-cert-file',
  'cluster-signing-duration',
  'cluster-signing-key-file',
  'concurrent-deployment-syncs',
  'concurrent-gc-syncs',
  'concurrent-service-syncs',
  'controllers',
  'experimental-cluster-signing-duration',
  'external-cloud-volume-plugin',
  'feature-gates',
  'flex-volume-plugin-dir',
  'horizontal-pod-autoscaler-sync-period',
  'kube-api-burst',
  'kube-api-qps',
  'kubeconfig',
  'large-cluster-size-threshold',
  'leader-elect-lease-duration',
  'leader-elect-renew-deadline',
  'leader-elect-resource-lock',
  'leader-elect-retry-period',
  'log-dir',
  'log-file',
  'master',
  'node-cidr-mask-size',
  'node-eviction-rate',
  'node-monitor-grace-period',
  'node-monitor-period',
  'node-startup-grace-period',
  'pod-eviction-timeout',
  'port',
  'requestheader-allowed-names',
  'requestheader-client-ca-file',
  'requestheader-extra-headers-prefix',
  'requestheader-group-headers',
  'requestheader-username-headers',
  'root-ca-file',
  'secondary-node-eviction-rate',
  'secure-port',
  'service-account-private-key-file',
  'service-cluster-ip-range',
  'terminated-pod-gc-threshold',
  'tls-cert-file',
  'tls-cipher-suites',
  'tls-min-version',
  'tls-private-key-file',
  'unhealthy-zone-threshold',
  'v',
  'vmodule',
])

/** Every value that each flag was given, in order. */
export type Flags = ReadonlyMap<string, readonly string[]>

/** Parses as the real program's flag library does, or returns what it would say before it exits. */
export function parseFlags(args: readonly string[]): Flags | { problem: string } {
  const flags = new Map<string, string[]>()
  const left = [...args]
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    const [, name = '', equals, value = ''] = /^--?([^=]*)(=)?(.*)$/s.exec(arg) ?? []
    // `_` and `-` are one in a flag's name.
    const flag = name.replaceAll('_', '-')
    if (!arg.startsWith('-')) return { problem: `unknown command "${arg}" for "kube-controller-manager"` }
    if (!booleans.has(flag) && !valued.has(flag)) return { problem: `unknown flag: --${name}` }
    const given = equals === '=' ? value : booleans.has(flag) ? 'true' : left.shift()
    if (given === undefined) return { problem: `flag needs an argument: --${name}` }
    flags.set(flag, [...(flags.get(flag) ?? []), given])
  }
  return flags
}
