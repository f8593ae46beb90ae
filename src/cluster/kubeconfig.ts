import type { RequestOptions as HttpOptions } from 'node:https'
import path from 'node:path'
import { messageOf, YurtSshError } from '../errors.js'
import { type ExecPlugin, execPlugin } from './exec-plugin.js'
import { invalid, kubeconfigFiles, type RawEntry, readKubeconfigs } from './kubeconfig-files.js'
import { impersonatesNobody, impersonation, tokenOfFile, type UserSettings } from './kubeconfig-user.js'
import { proxyFor } from './proxy.js'

export interface KubeconfigOptions {
  /** Path of the kubeconfig; absent means $KUBECONFIG (a list), then ~/.kube/config. */
  kubeconfig?: string
  /** Absent means its current context. */
  context?: string
}

/** How long a proxy has to connect. */
const proxySeconds = 10

/** Where the API is and how to speak to it. */
export interface Access {
  server: string
  /** The proxy on the way there, without its password. */
  proxy?: string
  /**
   * TLS settings and headers for a request, and an agent where there is a proxy. Runs the kubeconfig's exec plugin when
   * its credential has expired, or with `again` when it was refused.
   * @throws YurtSshError KUBECONFIG_INVALID
   */
  credentials(again?: boolean): Promise<HttpOptions>
}

/**
 * Reads the kubeconfig. The only place that knows @kubernetes/client-node, which costs half a second and 70 MB to
 * import: hence the import inside. What it has no idea of, or another than kubectl, is done here: ADR 0005.
 * @throws YurtSshError KUBECONFIG_INVALID, naming the file
 */
export async function openKubeconfig(options: KubeconfigOptions): Promise<Access> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const files = kubeconfigFiles(options.kubeconfig)
  const named = files.join(path.delimiter)
  const raw = readKubeconfigs(files)
  const text = JSON.stringify(raw)
  const config = new KubeConfig()
  config.loadFromString(text, { onInvalidEntry: 'filter' })

  /** An entry that is not needed may be wrong, as with kubectl; one that is needed is told. */
  function lacks(problem: string): YurtSshError {
    try {
      new KubeConfig().loadFromString(text)
    } catch (error) {
      return invalid(named, `is not one that can be used: ${messageOf(error)}`)
    }
    return invalid(named, problem)
  }

  const context = options.context ?? config.currentContext
  if (!context || config.getContextObject(context) === null)
    throw lacks(context ? `has no context ${context}` : 'names no current context')
  config.setCurrentContext(context)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw lacks(`has no cluster for context ${context}`)
  const userName = config.getContextObject(context)?.user
  if (userName !== undefined && config.getCurrentUser() === null)
    throw lacks(`has no user for context ${context}`)
  const user = settingsOf(raw.users, userName, 'user') as UserSettings & { exec?: ExecPlugin }
  if (impersonatesNobody(user))
    throw invalid(named, `has as-groups, as-uid or as-user-extra without as for context ${context}`)
  const server = serverOf(cluster.server, named)
  const proxyUrl = cluster.proxyUrl || proxyFor(server, process.env)
  if (proxyUrl && !/^(https?|socks[45a-h]*):$/.test(URL.canParse(proxyUrl) ? new URL(proxyUrl).protocol : ''))
    throw invalid(named, `is to be used with a proxy that has no address (proxy-url, $HTTPS_PROXY)`)
  // No secret goes to a server without TLS, as with kubectl; the lab's kubeconfig asks for it by skipping verification.
  const plain = server.startsWith('http:') && !cluster.skipTLSVerify
  const plugin =
    user.exec && !plain
      ? execPlugin(user.exec, clusterInfo(settingsOf(raw.clusters, cluster.name, 'cluster')))
      : undefined
  config.loadFromOptions({
    currentContext: context,
    clusters: [{ ...cluster, server, ...(proxyUrl && { proxyUrl }), ...(plain && { skipTLSVerify: true }) }],
    users: [{ ...(plain ? undefined : config.getCurrentUser()), name: userName ?? '', exec: undefined }],
    contexts: [{ name: context, cluster: cluster.name, user: userName ?? '' }],
  })
  return {
    server,
    ...(proxyUrl && { proxy: withoutPassword(proxyUrl) }),
    async credentials(again = false) {
      // its agent waits that long for the proxy's answer, by itself without end
      const request: HttpOptions = proxyUrl ? { timeout: proxySeconds * 1000 } : {}
      try {
        await config.applyToHTTPSOptions(request)
        const credential = await plugin?.(again)
        const token = plain ? undefined : (tokenOfFile(user) ?? credential?.token)
        if (credential?.clientCertificateData) request.cert = credential.clientCertificateData
        if (credential?.clientKeyData) request.key = credential.clientKeyData
        request.headers = {
          ...(request.headers as Record<string, string> | undefined),
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...impersonation(user),
        }
      } catch (error) {
        if (error instanceof YurtSshError) throw error
        throw invalid(named, `gives no credentials for context ${context}`, messageOf(error).trim())
      }
      // client-node makes a new agent each time, so no connection would be used twice; only a proxy needs its own.
      if (!proxyUrl) delete request.agent
      return request
    },
  }
}

function settingsOf(entries: readonly RawEntry[], name: unknown, key: 'user' | 'cluster'): object {
  return entries.find((entry) => entry.name === name)?.[key] ?? {}
}

/** kubectl asks `host:port` without TLS and without credentials, whatever else there is: nobody means that. */
function serverOf(server: string, named: string): string {
  if (/^https?:\/\//.test(server) && URL.canParse(server)) return server
  throw invalid(named, `has a server that begins neither with https:// nor with http://: ${server}`)
}

/** What an exec plugin is told of the cluster when it asks (`provideClusterInfo`). */
function clusterInfo(cluster: object): Record<string, unknown> {
  const { extensions, ...rest } = cluster as { extensions?: { name?: string; extension?: unknown }[] }
  const config = extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension
  return { ...rest, ...(config !== undefined && { config }) }
}

function withoutPassword(url: string): string {
  const parsed = new URL(url)
  parsed.password = ''
  return parsed.href.replace(/\/$/, '')
}
