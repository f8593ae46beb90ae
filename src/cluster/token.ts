import { randomInt } from 'node:crypto'
import { YurtSshError } from '../errors.js'
import { hasCode } from './api-errors.js'
import { ownLabels } from './ownership.js'
import type { Cluster, KubeObject, ObjectRef, RequestOptions } from './types.js'

/** On everything that lives only as long as a run. */
export const runLabel = 'yurt-ssh.io/run'

export interface RunToken {
  /** Its public half; the Secret is `bootstrap-token-<id>`. */
  id: string
  /** The whole token. A secret: never in an error, a log or a plan. */
  token: string
  /** RFC 3339; the API refuses it from then on, and tokencleaner removes it. */
  expires: string
}

export interface TokenOptions extends RequestOptions {
  run: string
  ttlSeconds: number
  /** Current time in milliseconds. */
  now?: () => number
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Creates a bootstrap token for one run. It may authenticate and nothing else: with the usage `signing` the API would
 * add a signature to kube-public/cluster-info, which the hub does not read.
 */
export async function createRunToken(cluster: Cluster, options: TokenOptions): Promise<RunToken> {
  const { run, ttlSeconds, now = Date.now, ...request } = options
  const id = random(6)
  const secret = random(16)
  // The API wants whole seconds.
  const expires = `${new Date(now() + ttlSeconds * 1000).toISOString().slice(0, 19)}Z`
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: tokenRef(id).name,
      namespace: 'kube-system',
      labels: { ...ownLabels, [runLabel]: run },
    },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      description: `yurt-ssh run ${run}: lets hubs ask for their certificate`,
      'token-id': id,
      'token-secret': secret,
      expiration: expires,
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    },
  }
  try {
    await cluster.create(object, request)
  } catch (error) {
    throw withoutSecret(error, secret)
  }
  return { id, token: `${id}.${secret}`, expires }
}

/** Removes a token; one that is gone already is fine. */
export async function removeRunToken(
  cluster: Cluster,
  id: string,
  options: RequestOptions = {},
): Promise<void> {
  await cluster.delete(tokenRef(id), options).catch((error: unknown) => {
    if (!hasCode(error, 'API_NOT_FOUND')) throw error
  })
}

/** Tokens that runs of ours left behind, by Secret name. */
export async function runTokens(
  cluster: Cluster,
  options: RequestOptions = {},
): Promise<{ name: string; run: string }[]> {
  const found = await cluster.list('v1', 'Secret', {
    ...options,
    namespace: 'kube-system',
    labelSelector: runLabel,
  })
  return found.map(({ metadata }) => ({ name: metadata.name, run: metadata.labels?.[runLabel] ?? '' }))
}

/** Ids of bootstrap tokens that never expire, whoever made them. */
export async function lastingTokens(cluster: Cluster, options: RequestOptions = {}): Promise<string[]> {
  const secrets = await cluster.list('v1', 'Secret', { ...options, namespace: 'kube-system' })
  return secrets
    .filter(({ type, data }) => type === 'bootstrap.kubernetes.io/token' && !hasKey(data, 'expiration'))
    .map(({ metadata }) => metadata.name.replace('bootstrap-token-', ''))
}

function hasKey(data: unknown, key: string): boolean {
  return typeof data === 'object' && data !== null && key in data
}

/** The reference of a token's Secret. */
export function tokenRef(id: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', namespace: 'kube-system', name: `bootstrap-token-${id}` }
}

function random(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

/** An API server or a proxy may repeat what it was sent. */
function withoutSecret(error: unknown, secret: string): unknown {
  if (!(error instanceof YurtSshError)) return error
  const { hint } = error
  return new YurtSshError(
    error.code,
    error.message.replaceAll(secret, '…'),
    hint === undefined ? {} : { hint },
  )
}
