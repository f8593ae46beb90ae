import { parse } from 'yaml'
import { hasCode } from './api-errors.js'
import type { Cluster, RequestOptions } from './types.js'

/** kube-public/cluster-info as a host without credentials sees it. */
export type ClusterInfo =
  | { readable: true; server: string /** PEM. */; certificateAuthority: string }
  | { readable: false; problem: string }

/**
 * Whether a hub can learn the cluster's CA: the v0.6.1 hub reads this ConfigMap anonymously at its first start, does not
 * try again, and exits minutes later.
 */
export async function readClusterInfo(cluster: Cluster, options: RequestOptions = {}): Promise<ClusterInfo> {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-public', name: 'cluster-info' }
  try {
    const map = await cluster.getAnonymously(ref, options)
    if (map === null) return { readable: false, problem: 'ConfigMap kube-public/cluster-info is missing' }
    return fromKubeconfig((map.data as Record<string, string> | undefined)?.kubeconfig)
  } catch (error) {
    if (!hasCode(error, 'API_UNAUTHORIZED', 'API_FORBIDDEN')) throw error
    return { readable: false, problem: 'ConfigMap kube-public/cluster-info may not be read anonymously' }
  }
}

interface Kubeconfig {
  clusters?: { cluster?: { server?: string; 'certificate-authority-data'?: string } }[]
}

function fromKubeconfig(text: string | undefined): ClusterInfo {
  const config = text === undefined ? null : (parsed(text) as Kubeconfig | null)
  const cluster = config?.clusters?.[0]?.cluster
  const authority = cluster?.['certificate-authority-data']
  if (cluster?.server === undefined || authority === undefined) {
    return {
      readable: false,
      problem: 'ConfigMap kube-public/cluster-info holds no server or no certificate authority',
    }
  }
  return {
    readable: true,
    server: cluster.server,
    certificateAuthority: Buffer.from(authority, 'base64').toString('utf8'),
  }
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return null
  }
}
