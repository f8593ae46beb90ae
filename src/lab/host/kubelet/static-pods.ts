import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { md5 } from '../../pki.js'
import type { Pod } from '../pods/types.js'

/** A static pod as the kubelet takes it from a file. */
export interface StaticPod {
  /** Also its config hash: of node, path and what the file says, comments do not count. */
  uid: string
  pod: Pod
}

/**
 * The pods of every file in the folder whose name has no leading dot, whatever its ending; of two with one name the last
 * file's counts (kubernetes pkg/kubelet/config/file.go). What is no pod is reported.
 */
export function readStaticPods(
  root: string,
  folder: string,
  node: string,
  report: (problem: string) => void,
): StaticPod[] {
  if (!existsSync(root + folder)) return []
  const byName = new Map<string, StaticPod>()
  const files = readdirSync(root + folder).filter((name) => !name.startsWith('.'))
  for (const file of files.sort()) {
    const path = join(folder, file)
    try {
      if (!statSync(root + path).isFile()) continue
      const pod = toPod(parse(readFileSync(root + path, 'utf8')), node)
      byName.set(`${pod.metadata.namespace}/${pod.metadata.name}`, {
        uid: md5(node, path, JSON.stringify(pod)),
        pod,
      })
    } catch (error) {
      report(`Can't process manifest file ${path}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return [...byName.values()]
}

/** With the node's name behind its own, and where it runs. @throws Error when it is no pod */
function toPod(parsed: unknown, node: string): Pod {
  const pod = parsed as Partial<Pod> | null
  if (pod?.kind !== 'Pod' || !pod.metadata?.name) throw new Error("couldn't parse as pod")
  const containers = pod.spec?.containers ?? []
  if (containers.length === 0 || containers.some(({ name, image }) => !name || !image))
    throw new Error('spec.containers: Required value')
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name: `${pod.metadata.name}-${node}`,
      namespace: pod.metadata.namespace ?? 'default',
    },
    spec: { ...pod.spec, containers, nodeName: node },
  } as Pod
}
