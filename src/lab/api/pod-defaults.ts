import { type ApiObject, isRecord, type JsonRecord } from './object.js'

/** A pod template with the server's defaults. */
export function templateDefaults(template: JsonRecord): JsonRecord {
  return { ...template, spec: specDefaults((template?.spec ?? {}) as JsonRecord) }
}

/** A Pod as it is after admission: defaults, and the tolerations that let it stay on a silent node for 300 s. */
export function podDefaults(object: ApiObject): ApiObject {
  const spec = specDefaults((object.spec ?? {}) as JsonRecord)
  const tolerations = (spec.tolerations ?? []) as JsonRecord[]
  const added = ['not-ready', 'unreachable']
    .map((name) => `node.kubernetes.io/${name}`)
    .filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))
  return {
    ...object,
    spec: { serviceAccountName: 'default', ...spec, tolerations: [...tolerations, ...added] },
    status: object.status ?? { phase: 'Pending', qosClass: 'BestEffort' },
  }
}

function tolerates({ key, operator, effect }: JsonRecord, taint: string): boolean {
  const sameKey = key === taint || ((key === undefined || key === '') && operator === 'Exists')
  return sameKey && (effect === undefined || effect === '' || effect === 'NoExecute')
}

function specDefaults(spec: JsonRecord): JsonRecord {
  const lists = ['initContainers', 'containers'].filter((list) => Array.isArray(spec[list]))
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
    ...spec,
    ...Object.fromEntries(lists.map((list) => [list, (spec[list] as JsonRecord[]).map(containerDefaults)])),
    ...(Array.isArray(spec.volumes) ? { volumes: (spec.volumes as JsonRecord[]).map(volumeDefaults) } : {}),
  }
}

function containerDefaults(container: JsonRecord): JsonRecord {
  const latest = /(^[^:]*|:latest)$/.test(String(container.image ?? '').replace(/^.*\//, ''))
  return {
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...(Array.isArray(container.env) ? { env: (container.env as JsonRecord[]).map(envDefaults) } : {}),
    ...(Array.isArray(container.ports)
      ? { ports: (container.ports as JsonRecord[]).map((port) => ({ protocol: 'TCP', ...port })) }
      : {}),
  }
}

function envDefaults(entry: JsonRecord): JsonRecord {
  const source = entry.valueFrom
  if (!isRecord(source) || !isRecord(source.fieldRef)) return entry
  return { ...entry, valueFrom: { ...source, fieldRef: { apiVersion: 'v1', ...source.fieldRef } } }
}

function volumeDefaults(volume: JsonRecord): JsonRecord {
  const { secret, configMap, hostPath } = volume
  return {
    ...volume,
    ...(isRecord(secret) ? { secret: { defaultMode: 420, ...secret } } : {}),
    ...(isRecord(configMap) ? { configMap: { defaultMode: 420, ...configMap } } : {}),
    ...(isRecord(hostPath) ? { hostPath: { type: '', ...hostPath } } : {}),
  }
}
