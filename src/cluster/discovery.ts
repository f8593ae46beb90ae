import { YurtSshError } from '../errors.js'
import type { RequestOptions } from './types.js'

export interface Resource {
  /** Plural, as in the path. */
  name: string
  kind: string
  namespaced: boolean
}

/** GETs a path; null when there is no such path. */
type Fetch = (path: string, options?: RequestOptions) => Promise<unknown>

export interface Discovery {
  /** The resource behind a kind; null when the server does not serve it. */
  find(apiVersion: string, kind: string): Promise<Resource | null>
  /** Groups and versions served. */
  apiVersions(options?: RequestOptions): Promise<string[]>
}

/** Path of an API group and version: the core group has a root of its own. */
export function apiPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

/**
 * Which resources the server has, asked once per group and version. A kind that is not there is asked for again: its
 * CustomResourceDefinition may be seconds old.
 */
export function openDiscovery(fetch: Fetch): Discovery {
  const known = new Map<string, Promise<Resource[]>>()

  async function ask(apiVersion: string): Promise<Resource[]> {
    const answer = (await fetch(apiPath(apiVersion))) as { resources?: Resource[] } | null
    return (answer?.resources ?? []).filter((resource) => !resource.name.includes('/'))
  }

  async function resources(apiVersion: string, fresh: boolean): Promise<Resource[]> {
    const asked = fresh ? undefined : known.get(apiVersion)
    const answer = asked ?? ask(apiVersion)
    known.set(apiVersion, answer)
    answer.catch(() => known.delete(apiVersion))
    return answer
  }

  return {
    async find(apiVersion, kind) {
      const had = known.has(apiVersion)
      const byKind = (list: Resource[]) => list.find((resource) => resource.kind === kind)
      const found = byKind(await resources(apiVersion, false))
      return found ?? (had ? byKind(await resources(apiVersion, true)) : undefined) ?? null
    },
    async apiVersions(options) {
      const core = (await fetch('/api', options)) as { versions?: string[] } | null
      const groups = (await fetch('/apis', options)) as {
        groups?: { versions: { groupVersion: string }[] }[]
      } | null
      if (core === null && groups === null) {
        throw new YurtSshError('API_NOT_FOUND', 'the server has no Kubernetes API', {
          hint: 'check the address in the kubeconfig',
        })
      }
      return [
        ...(core?.versions ?? []),
        ...(groups?.groups ?? []).flatMap((group) => group.versions.map((v) => v.groupVersion)),
      ]
    },
  }
}
