import { createHash, randomUUID } from 'node:crypto'
import { customResources } from './custom.js'
import type { ApiObject, JsonRecord } from './object.js'
import { podDefaults, templateDefaults } from './pod-defaults.js'
import { groupsOf } from './rbac.js'

type Fill = (object: ApiObject, now: string) => ApiObject

/**
 * The fields that a real server adds by itself, as far as someone here reads or compares them. Without them a plan that
 * compares with defaults would never be put to the test. `now` is RFC 3339.
 */
export function withDefaults(object: ApiObject, now: string): ApiObject {
  return fills[object.kind]?.(object, now) ?? object
}

/** What the server says of a new object of these kinds, whatever its maker says. */
export function begun(object: ApiObject, user: string): ApiObject {
  switch (object.kind) {
    case 'Namespace':
      return { ...object, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
    case 'Node': {
      // Until the node lifecycle has seen it Ready.
      const { taints = [], ...rest } = spec(object)
      const fresh = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
      return { ...object, spec: { ...rest, taints: [...(taints as JsonRecord[]), fresh] } }
    }
    case 'CertificateSigningRequest':
      return {
        ...object,
        spec: { ...spec(object), username: user, groups: groupsOf(user), uid: randomUUID() },
      }
    default:
      return object
  }
}

const spec = (object: ApiObject) => (object.spec ?? {}) as JsonRecord

const workload =
  (defaults: JsonRecord): Fill =>
  (object) => ({
    ...object,
    spec: { ...defaults, ...spec(object), template: templateDefaults(spec(object).template as JsonRecord) },
  })

const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }

const fills: Record<string, Fill> = {
  Secret: ({ stringData, ...object }) => ({
    type: 'Opaque',
    ...object,
    ...(stringData === undefined
      ? {}
      : {
          data: { ...(object.data as object | undefined), ...encoded(stringData as Record<string, string>) },
        }),
  }),
  Deployment: (object, now) => {
    const filled = workload({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })(
      object,
      now,
    )
    return { ...filled, spec: { strategy: rolling, ...spec(filled) } }
  },
  ReplicaSet: workload({ replicas: 1 }),
  DaemonSet: workload({
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
  }),
  Pod: podDefaults,
  Service: service,
  CustomResourceDefinition: definition,
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
  ClusterRoleBinding: subjects,
  RoleBinding: subjects,
}

function encoded(values: Record<string, string>): Record<string, string> {
  const encode = ([key, value]: [string, string]) => [key, Buffer.from(value).toString('base64')] as const
  return Object.fromEntries(Object.entries(values).map(encode))
}

/** An address or port made of the name: the same for the same Service, as if allocated. */
function allocated(object: ApiObject, salt: string, range: number): number {
  const { namespace = '', name } = object.metadata
  return createHash('sha256').update(`${namespace}/${name}/${salt}`).digest().readUInt32BE() % range
}

function service(object: ApiObject): ApiObject {
  const given = spec(object)
  const type = given.type ?? 'ClusterIP'
  const address = allocated(object, 'address', 250 * 250)
  const ports = ((given.ports ?? []) as JsonRecord[]).map((port) => ({
    protocol: 'TCP',
    targetPort: port.port ?? 0,
    ...(type === 'NodePort' ? { nodePort: 30_000 + allocated(object, String(port.port), 2768) } : {}),
    ...port,
  }))
  const clusterIP = `10.96.${1 + Math.floor(address / 250)}.${1 + (address % 250)}`
  return {
    ...object,
    spec: { clusterIP, sessionAffinity: 'None', ...given, type, ports },
    status: object.status ?? { loadBalancer: {} },
  }
}

/** A real server takes a second or so to accept the names; here a definition is served at once. */
function definition(object: ApiObject, now: string): ApiObject {
  const conditions = [
    ['NamesAccepted', 'NoConflicts', 'no conflicts found'],
    ['Established', 'InitialNamesAccepted', 'the initial names have been accepted'],
  ].map(([type, reason, message]) => ({ type, status: 'True', reason, message, lastTransitionTime: now }))
  const { names, conversion = { strategy: 'None' }, ...rest } = spec(object)
  return {
    ...object,
    spec: { conversion, ...rest, names: names ?? {} },
    status: object.status ?? {
      acceptedNames: names,
      conditions,
      storedVersions: customResources(object).map(({ version }) => version),
    },
  }
}

function webhooks(object: ApiObject): ApiObject {
  const filled = ((object.webhooks ?? []) as JsonRecord[]).map((webhook) => ({
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...(object.kind === 'MutatingWebhookConfiguration' ? { reinvocationPolicy: 'Never' } : {}),
    ...webhook,
    rules: ((webhook.rules ?? []) as JsonRecord[]).map((rule) => ({ scope: '*', ...rule })),
  }))
  return { ...object, webhooks: filled }
}

function subjects(object: ApiObject): ApiObject {
  const group = (kind: unknown) =>
    kind === 'ServiceAccount' ? {} : { apiGroup: 'rbac.authorization.k8s.io' }
  const filled = ((object.subjects ?? []) as JsonRecord[]).map((subject) => ({
    ...group(subject.kind),
    ...subject,
  }))
  return { ...object, subjects: filled }
}
