import type { HostFile } from '../support/host-files.js'
import type { Scenario } from './kill-points.js'

export interface Variant {
  name: string
  /** The flags file's text; null for none. */
  flags?: string | null
  /** /var/lib/kubelet is a link to a data disk. */
  linked?: true
  cutUndos: Scenario['cutUndos']
}

/** Ways in which kubeadm-flags.env stands on hosts. */
export const variants: Variant[] = [
  { name: 'as kubeadm has them', cutUndos: 'all' },
  { name: 'unquoted', flags: 'KUBELET_KUBEADM_ARGS=--network-plugin=cni --v=2\n', cutUndos: 'longest' },
  {
    name: 'in single quotes, no newline',
    flags: "KUBELET_KUBEADM_ARGS='--network-plugin=cni'",
    cutUndos: 'longest',
  },
  { name: 'that are empty', flags: 'KUBELET_KUBEADM_ARGS=""\n', cutUndos: 'longest' },
  { name: 'that are missing', flags: null, cutUndos: 'longest' },
  { name: 'behind a linked /var/lib/kubelet', linked: true, cutUndos: 'longest' },
]

const path = '/var/lib/kubelet/kubeadm-flags.env'

/** The files with these flags. */
export function withFlags(
  files: readonly HostFile[],
  flags: string | null | undefined,
  linked = false,
): HostFile[] {
  const changed = files.flatMap((file) => {
    if (file.path !== path || flags === undefined) return [file]
    return flags === null ? [] : [{ ...file, text: flags }]
  })
  if (!linked) return changed
  const moved = changed.map((file) => ({
    ...file,
    path: file.path.replace(/^\/var\/lib\/kubelet\//, '/srv/kubelet/'),
  }))
  return [...moved, { path: '/var/lib/kubelet', link: '../../srv/kubelet' }]
}
