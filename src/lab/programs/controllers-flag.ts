/** The controllers of kube-controller-manager 1.20. */
const known = [
  'attachdetach',
  'bootstrapsigner',
  'cloud-node-lifecycle',
  'clusterrole-aggregation',
  'cronjob',
  'csrapproving',
  'csrcleaner',
  'csrsigning',
  'daemonset',
  'deployment',
  'disruption',
  'endpoint',
  'endpointslice',
  'endpointslicemirroring',
  'ephemeral-volume',
  'garbagecollector',
  'horizontalpodautoscaling',
  'job',
  'namespace',
  'nodeipam',
  'nodelifecycle',
  'persistentvolume-binder',
  'persistentvolume-expander',
  'podgc',
  'pv-protection',
  'pvc-protection',
  'replicaset',
  'replicationcontroller',
  'resourcequota',
  'root-ca-cert-publisher',
  'route',
  'service',
  'serviceaccount',
  'serviceaccount-token',
  'statefulset',
  'tokencleaner',
  'ttl',
  'ttl-after-finished',
]
const offByDefault = new Set(['bootstrapsigner', 'tokencleaner'])

/** The names of --controllers that no controller has. */
export function unknownControllers(list: readonly string[]): string[] {
  return list.map((name) => name.replace(/^-/, '')).filter((name) => name !== '*' && !known.includes(name))
}

/** Whether a controller runs: the first entry that names it decides, then `*`. */
export function isEnabled(name: string, list: readonly string[]): boolean {
  const named = list.find((entry) => entry === name || entry === `-${name}`)
  if (named !== undefined) return named === name
  return list.includes('*') && !offByDefault.has(name)
}
