import { ApiFailure, badRequest } from './failure.js'
import { type ApiObject, isRecord } from './object.js'
import type { Target } from './route.js'
import type { Store } from './store.js'

interface Webhook {
  name: string
  rules?: { apiGroups?: string[]; operations?: string[]; resources?: string[] }[]
  failurePolicy?: string
  sideEffects?: string
  clientConfig?: { service?: { name: string; namespace: string; path?: string } }
}

/** On a webhook configuration: the words by which it denies what its rules match. Without it nobody answers there. */
export const deniesAnnotation = 'lab.yurt-ssh.io/denies'
const configurations = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']

export interface Admitted {
  operation: 'CREATE' | 'UPDATE'
  dryRun: boolean
}

/**
 * A stand-in for admission: webhooks without selectors, and the number of pods in a ResourceQuota.
 * @throws ApiFailure in the words of kube-apiserver
 */
export function admit(
  store: Store,
  target: Target,
  object: ApiObject,
  { operation, dryRun }: Admitted,
): void {
  if (target.subresource !== undefined) return
  for (const configuration of [...store.objects.values()].filter(({ kind }) =>
    configurations.includes(kind),
  )) {
    const denies = configuration.metadata.annotations?.[deniesAnnotation]
    for (const webhook of webhooksOf(configuration))
      if (matches(webhook, target, operation)) call(webhook, denies, dryRun)
  }
  if (operation === 'CREATE' && object.kind === 'Pod') withinQuota(store, object)
}

function call(
  { name, failurePolicy, sideEffects, clientConfig }: Webhook,
  denies = '',
  dryRun = false,
): void {
  if (dryRun && !['None', 'NoneOnDryRun'].includes(sideEffects ?? ''))
    throw badRequest(`admission webhook "${name}" does not support dry run`)
  if (denies !== '')
    throw new ApiFailure(403, 'Forbidden', `admission webhook "${name}" denied the request: ${denies}`)
  if (failurePolicy === 'Ignore') return
  const { service } = clientConfig ?? {}
  const url = `https://${service?.name}.${service?.namespace}.svc:443${service?.path ?? '/'}?timeout=10s`
  const why = `no endpoints available for service "${service?.name}"`
  throw new ApiFailure(
    500,
    'InternalError',
    `Internal error occurred: failed calling webhook "${name}": Post "${url}": ${why}`,
  )
}

function webhooksOf({ webhooks }: ApiObject): Webhook[] {
  return Array.isArray(webhooks) ? (webhooks.filter(isRecord) as unknown as Webhook[]) : []
}

function matches({ rules = [] }: Webhook, { resource }: Target, operation: string): boolean {
  const has = (list: string[] = [], word: string): boolean => list.includes('*') || list.includes(word)
  return rules.some(
    ({ apiGroups, operations, resources }) =>
      has(apiGroups, resource.group) && has(operations, operation) && has(resources, resource.plural),
  )
}

function withinQuota(store: Store, pod: ApiObject): void {
  const { name, namespace } = pod.metadata
  const there = [...store.objects.values()].filter(({ metadata }) => metadata.namespace === namespace)
  const used = there.filter(({ kind }) => kind === 'Pod').length
  for (const quota of there.filter(({ kind }) => kind === 'ResourceQuota')) {
    const { hard } = (quota.spec ?? {}) as { hard?: { pods?: string | number } }
    if (hard?.pods === undefined || used < Number(hard.pods)) continue
    const amounts = `requested: pods=1, used: pods=${used}, limited: pods=${hard.pods}`
    throw new ApiFailure(
      403,
      'Forbidden',
      `pods "${name}" is forbidden: exceeded quota: ${quota.metadata.name}, ${amounts}`,
    )
  }
}
