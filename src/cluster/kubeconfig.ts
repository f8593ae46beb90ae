import { existsSync } from 'node:fs'
import type { RequestOptions as HttpOptions } from 'node:https'
import { homedir } from 'node:os'
import path from 'node:path'
import { fileError } from '../errors/file.js'
import { messageOf, YurtSshError } from '../errors.js'

export interface KubeconfigOptions {
  /** Path of the kubeconfig; absent means $KUBECONFIG (a list), then ~/.kube/config. */
  kubeconfig?: string
  /** Absent means its current context. */
  context?: string
}

/** Where the API is and how to speak to it. */
export interface Access {
  server: string
  /**
   * TLS settings and headers for a request, and an agent where a proxy asks for one. Runs the kubeconfig's exec plugin
   * when its credential has expired.
   * @throws YurtSshError KUBECONFIG_INVALID
   */
  credentials(): Promise<HttpOptions>
}

/**
 * Reads the kubeconfig. The only place that knows @kubernetes/client-node, which costs half a second and 70 MB to
 * import: hence the import inside.
 * @throws YurtSshError KUBECONFIG_INVALID, naming the file
 */
export async function openKubeconfig(options: KubeconfigOptions): Promise<Access> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  const files = kubeconfigFiles(options.kubeconfig)
  for (const [index, file] of files.entries()) {
    const next = index === 0 ? config : new KubeConfig()
    parsing(file, () => next.loadFromFile(file))
    if (next !== config) parsing(file, () => config.mergeConfig(next, config.currentContext !== undefined))
  }
  const named = files.join(path.delimiter)
  const context = options.context ?? config.currentContext
  if (!context || config.getContextObject(context) === null) {
    throw invalid(named, context ? `has no context ${context}` : 'names no current context')
  }
  config.setCurrentContext(context)
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw invalid(named, `has no cluster for context ${context}`)
  if (config.getCurrentUser() === null) throw invalid(named, `has no user for context ${context}`)
  return {
    server: cluster.server,
    async credentials() {
      const request: HttpOptions = {}
      try {
        await config.applyToHTTPSOptions(request)
      } catch (error) {
        throw invalid(named, `gives no credentials for context ${context}`, messageOf(error).trim())
      }
      // client-node makes a new agent each time, so no connection would be used twice; only a proxy needs its own.
      if (cluster.proxyUrl === undefined) delete request.agent
      return request
    },
  }
}

/** The files to read, first one wins; a list in $KUBECONFIG may name files that do not exist, as with kubectl. */
function kubeconfigFiles(given: string | undefined): string[] {
  const listed = process.env.KUBECONFIG?.split(path.delimiter).filter((file) => file !== '') ?? []
  const named = given === undefined ? listed : [given]
  const files = named.length === 0 ? [path.join(homedir(), '.kube', 'config')] : named
  const found = files.filter((file) => existsSync(file))
  if (found.length === 0) throw invalid(files.join(path.delimiter), 'does not exist')
  return found
}

/** Parse errors without the excerpt that js-yaml puts into its messages: it may be a key or a token. */
function parsing(file: string, parse: () => void): void {
  try {
    parse()
  } catch (error) {
    const { reason, mark } = error as { reason?: string; mark?: { line: number } }
    if (reason !== undefined) throw invalid(file, `is not YAML: ${reason} (line ${(mark?.line ?? 0) + 1})`)
    if (error instanceof TypeError) throw invalid(file, 'is not a kubeconfig')
    throw fileError('KUBECONFIG_INVALID', `kubeconfig ${file}`, 'read', error)
  }
}

function invalid(file: string, problem: string, detail?: string): YurtSshError {
  return new YurtSshError('KUBECONFIG_INVALID', `kubeconfig ${file} ${problem}`, {
    hint: 'give --kubeconfig FILE, set cluster.kubeconfig (and cluster.context) in the inventory, or $KUBECONFIG',
    ...(detail ? { detail } : {}),
  })
}
