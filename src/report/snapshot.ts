import type { HostFacts } from '../node/types.js'
import { counted } from '../words.js'
import { table } from './table.js'

/** The part of a snapshot that an operator looks at before it is written. */
export interface SnapshotView {
  cluster: { serverVersion: string; nodes: readonly unknown[] }
  hosts: readonly { name: string; role: string; facts?: HostFacts; failure?: { message: string } }[]
}

/** What a snapshot holds, host by host: versions, and the files whose text is in it. */
export function renderSnapshot({ cluster, hosts }: SnapshotView, replaced: number): string {
  const rows = hosts.map(({ name, role, facts, failure }) => {
    if (facts === undefined) return [name, role, `not read: ${failure?.message ?? 'not asked'}`]
    const files = Object.values(facts.files).filter(({ content }) => content !== undefined)
    return [
      name,
      role,
      `${facts.arch}, kernel ${facts.kernel}, systemd ${facts.systemd ?? 'none'}, ${facts.engine}, ${counted(files.length, 'file')}`,
    ]
  })
  const paths = new Set(
    hosts.flatMap(({ facts }) =>
      facts === undefined
        ? []
        : [
            ...facts.kubelet.unitPaths,
            ...Object.values(facts.files).flatMap(({ path, content }) => (content === undefined ? [] : path)),
          ],
    ),
  )
  return [
    `Kubernetes ${cluster.serverVersion}, ${counted(cluster.nodes.length, 'node')}`,
    table(rows),
    'It holds the text of:',
    ...[...paths].sort().map((path) => `  ${path}`),
    'Of kubeconfigs only the lines without credentials. No SSH settings, addresses of hosts, keys or Secrets.',
    `${counted(replaced, 'value')} that ${replaced === 1 ? 'looks like a secret is' : 'look like secrets are'} replaced by ********.`,
  ].join('\n')
}
