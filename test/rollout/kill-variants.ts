import type { HostFile } from '../support/host-files.js'
import type { ShellKind } from '../support/shell-host.js'

const every = process.env.KILL_EVERY

/** Undos that are cut themselves start at every so-many-th place that is tried; at each with KILL_EVERY=1. */
export const undoEvery = Number(every ?? 12)

/** Where the first form of a file in dash has tried every place, every so-many-th is tried; each with KILL_EVERY=1. */
export const sampleEvery = Number(every ?? 6)

/** Every place in dash, samples in other shells, and how a test's name says so. */
export function pacesOf({ name }: ShellKind): { every: number; said: string } {
  return name === 'dash' ? { every: 1, said: 'every place' } : { every: sampleEvery, said: sampleSaid }
}

export const sampleSaid = sampleEvery === 1 ? 'every place' : `every ${sampleEvery}th place`

export interface Variant {
  name: string
  /** The flags file's text; null for none. */
  flags?: string | null
  /** /var/lib/kubelet is a link to a data disk. */
  linked?: true
}

/** Ways in which kubeadm-flags.env stands on hosts. */
export const variants: Variant[] = [
  { name: 'as kubeadm has them' },
  { name: 'unquoted', flags: 'KUBELET_KUBEADM_ARGS=--network-plugin=cni --v=2\n' },
  { name: 'in single quotes, no newline', flags: "KUBELET_KUBEADM_ARGS='--network-plugin=cni'" },
  { name: 'that are empty', flags: 'KUBELET_KUBEADM_ARGS=""\n' },
  { name: 'that are missing', flags: null },
  { name: 'behind a linked /var/lib/kubelet', linked: true },
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
