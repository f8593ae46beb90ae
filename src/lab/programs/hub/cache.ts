import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ApiResponse } from '../../types.js'
import type { RequestInfo } from './request-info.js'

interface KubeObject {
  kind?: string
  apiVersion?: string
  metadata: { name: string; namespace?: string }
}

/** Answers that the hub keeps on disk, a file per object: component/resource/namespace/name. */
export interface HubCache {
  keep(info: RequestInfo, answer: ApiResponse): void
  /** Undefined when nothing was kept. */
  answer(info: RequestInfo): ApiResponse | undefined
}

/** Whose answers are always kept (cachemanager, defaultCacheAgents). */
const agents = new Set(['kubelet', 'kube-proxy', 'flanneld', 'coredns', 'yurttunnel-agent', 'yurthub'])

export function isKept({ component, verb, subresource }: RequestInfo): boolean {
  return agents.has(component) && verb !== 'delete' && (subresource === '' || subresource === 'status')
}

export function openHubCache(root: string): HubCache {
  const path = ({ component, resource }: RequestInfo, namespace = '', name = ''): string =>
    join(root, ...[component, resource, namespace, name].filter((part) => part !== ''))

  function put(file: string, object: KubeObject): void {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(object))
  }

  return {
    keep(info, { status, body }) {
      if (!isKept(info) || (status !== 200 && status !== 201)) return
      const object = JSON.parse(body) as KubeObject & { items?: KubeObject[] }
      if (info.verb !== 'list') {
        put(path(info, object.metadata.namespace, object.metadata.name), object)
        return
      }
      rmSync(path(info, info.namespace), { recursive: true, force: true })
      const kind = (object.kind ?? '').replace(/List$/, '')
      for (const item of object.items ?? [])
        put(path(info, item.metadata.namespace, item.metadata.name), {
          kind,
          apiVersion: info.apiVersion,
          ...item,
        })
    },
    answer(info) {
      const place = path(info, info.namespace, info.name)
      if (!existsSync(place)) return undefined
      if (info.verb !== 'list') return { status: 200, body: readFileSync(place, 'utf8') }
      const items = filesIn(place).map((file) => JSON.parse(readFileSync(file, 'utf8')) as KubeObject)
      const [first] = items
      if (first === undefined) return undefined
      const list = { kind: `${first.kind}List`, apiVersion: info.apiVersion, metadata: {}, items }
      return { status: 200, body: JSON.stringify(list) }
    },
  }
}

function filesIn(place: string): string[] {
  if (statSync(place).isFile()) return [place]
  return readdirSync(place).flatMap((name) => filesIn(join(place, name)))
}
