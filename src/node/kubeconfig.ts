import { parse } from 'yaml'
import { z } from 'zod'
import { YurtSshError } from '../errors.js'
import type { HubRelease } from '../releases/types.js'
import { inWords } from './file-facts.js'
import type { FileFact } from './types.js'

/** What a kubeconfig says in its current context. */
export interface Kubeconfig {
  currentContext: string
  /** As it stands there; see hubServerAddr. */
  server: string
  /** Base64 of PEM. */
  certificateAuthorityData?: string
  /** Path of a PEM file. */
  certificateAuthority?: string
  /** Path of a PEM file; a certificate inside the kubeconfig never leaves the host. */
  clientCertificate?: string
  /** The name that the server's certificate must have, where it is not that of its address. */
  tlsServerName?: string
  /** The server is asked through a proxy. */
  proxied?: true
  /** The server's certificate is not verified. */
  insecure?: true
}

const text = z.string().nullish()
const cluster = z
  .object({
    server: text,
    'certificate-authority': text,
    'certificate-authority-data': text,
    'tls-server-name': text,
    'proxy-url': text,
    'insecure-skip-tls-verify': z.union([z.boolean(), z.enum(['true', 'false'])]).nullish(),
  })
  .nullish()
const schema = z.object({
  'current-context': text,
  clusters: z.array(z.object({ name: z.string(), cluster })).nullish(),
  contexts: z
    .array(z.object({ name: z.string(), context: z.object({ cluster: text, user: text }).nullish() }))
    .nullish(),
  users: z
    .array(z.object({ name: z.string(), user: z.object({ 'client-certificate': text }).nullish() }))
    .nullish(),
})

/** By content: a plan reads it several times per host, and kubeadm writes the same for every worker. */
const known = new Map<string, Kubeconfig>()

/**
 * Reads the kubelet's kubeconfig, YAML or JSON, as client-go does: the current context decides, and without one
 * nothing is configured, even if there is only one context (client-go tools/clientcmd,
 * DirectClientConfig.ClientConfig).
 * Throws NODE_KUBECONFIG when the kubelet could not use it.
 */
export function readKubeconfig(content: string): Kubeconfig {
  const read = known.get(content) ?? currentOf(content)
  known.set(content, read)
  return read
}

function currentOf(content: string): Kubeconfig {
  const config = readShape(content)
  const currentContext = config['current-context']
  if (!currentContext) throw unusable('has no current-context')
  const { context } = named(config.contexts, 'context', currentContext)
  const { cluster } = named(config.clusters, 'cluster', context?.cluster ?? '')
  const user = context?.user ? named(config.users, 'user', context.user).user : undefined
  if (!cluster?.server) throw unusable(`cluster ${context?.cluster} has no server`)
  const data = cluster['certificate-authority-data']
  const authority = cluster['certificate-authority']
  const certificate = user?.['client-certificate']
  return {
    currentContext,
    server: cluster.server,
    ...(data ? { certificateAuthorityData: data } : {}),
    ...(authority ? { certificateAuthority: authority } : {}),
    ...(certificate ? { clientCertificate: certificate } : {}),
    ...(cluster['tls-server-name'] ? { tlsServerName: cluster['tls-server-name'] } : {}),
    ...(cluster['proxy-url'] ? { proxied: true } : {}),
    ...(String(cluster['insecure-skip-tls-verify']) === 'true' ? { insecure: true } : {}),
  }
}

/**
 * The kubelet's kubeconfig as far as it left the host.
 * Throws NODE_KUBECONFIG where it is not there, was not understood, or the kubelet could not use it.
 */
export function kubeconfigOf(file: FileFact): Kubeconfig {
  const { path, content, problem, state } = file
  if (content !== undefined) return readKubeconfig(content)
  if (problem === undefined)
    throw new YurtSshError(
      'NODE_KUBECONFIG',
      `${path} is ${state === 'absent' ? 'not there' : inWords(file)}`,
    )
  throw new YurtSshError('NODE_KUBECONFIG', `${path} is not understood, ${problem}`, {
    hint: `write it as \`kubectl config view --raw --kubeconfig ${path}\` prints it`,
  })
}

/**
 * A server as the hub's --server-addr takes it: `https://host:port`. The hub exits on anything without https://
 * or a port, and drops a path (yurthub v0.6.1, tried).
 * Throws NODE_SERVER_INVALID, _LOOPBACK, _HTTP or _PATH.
 */
export function hubServerAddr(server: string, { address, ports }: HubRelease): string {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw refused(
      'INVALID',
      `server ${JSON.stringify(server)} is no https:// URL`,
      'it must read https://host:port',
    )
  }
  const isLocal = url.hostname === address || /^(127\.[\d.]+|localhost|\[::1\])$/.test(url.hostname)
  if (isLocal && [ports.proxy, ports.secureProxy].includes(Number(url.port))) {
    throw refused(
      'LOOPBACK',
      `server ${server} is the hub itself`,
      'the kubelet was redirected by another tool: revert it with that tool, or say where the API server is',
    )
  }
  if (url.protocol === 'http:') {
    throw refused(
      'HTTP',
      `server ${server} is not served over TLS`,
      'the hub refuses to talk to an API server without TLS',
    )
  }
  if (url.pathname !== '/') {
    throw refused(
      'PATH',
      `server ${server} has a path, which the hub drops`,
      'give the hub an address of the API server without a path',
    )
  }
  return `https://${url.hostname}:${url.port || '443'}`
}

/** The kubeconfig that sends the kubelet to the hub: no credentials, the hub has its own. */
export function renderOurKubeconfig({ ports }: HubRelease): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: default-cluster
  cluster:
    server: http://127.0.0.1:${ports.proxy}
users:
- name: default-auth
  user: {}
contexts:
- name: default-context
  context:
    cluster: default-cluster
    user: default-auth
    namespace: default
current-context: default-context
`
}

function readShape(content: string): z.infer<typeof schema> {
  let parsed: unknown
  try {
    parsed = parse(content, { prettyErrors: true })
  } catch (cause) {
    // Its message may quote the file, which is no place to quote from: only the line is told.
    const line = /at line (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1]
    throw unusable(line ? `is not YAML at line ${line}` : 'is not YAML')
  }
  const shape = schema.safeParse(parsed)
  if (shape.success) return shape.data
  throw unusable(
    `is no kubeconfig: ${shape.error.issues[0]?.path.join('.') || 'its top level'} is not what it should be`,
  )
}

function named<T extends { name: string }>(items: T[] | null | undefined, what: string, name: string): T {
  const found = (items ?? []).filter((item) => item.name === name)
  if (found.length > 1) throw unusable(`has more than one ${what} ${JSON.stringify(name)}`)
  if (!found[0]) throw unusable(`names a ${what} ${JSON.stringify(name)} that it does not have`)
  return found[0]
}

function unusable(what: string): YurtSshError {
  return new YurtSshError('NODE_KUBECONFIG', `the kubelet's kubeconfig ${what}`, {
    hint: 'the kubelet cannot start with it: repair the file that its --kubeconfig names (on a kubeadm node /etc/kubernetes/kubelet.conf)',
  })
}

function refused(kind: string, message: string, hint: string): YurtSshError {
  return new YurtSshError(`NODE_SERVER_${kind}`, `the kubelet's kubeconfig: ${message}`, {
    hint: `${hint} (openyurt.serverAddr)`,
  })
}

/** The API server that a kubeconfig names; '' where it cannot be read: a revert goes on without it. */
export function serverOf(file: FileFact): string {
  try {
    return kubeconfigOf(file).server
  } catch (error) {
    if (error instanceof YurtSshError) return ''
    throw error
  }
}
