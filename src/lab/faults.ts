/** What can be wrong with a host of the lab; docs/lab.md says what each does. */
export const faultKinds = [
  'latency',
  'cut-link',
  'no-api',
  'unreachable',
  'slow-disk',
  'disk-full',
  'wrong-sudo',
  'hub-never-healthy',
  'hub-not-in-image',
  'hub-dies',
  'kubelet-does-not-start',
  'image-missing',
  'file-changed',
  'kcm-does-not-start',
] as const

/** What can be wrong with the API server of the lab. */
export const apiFaultKinds = ['slow', 'failing', 'gone'] as const

export type FaultKind = (typeof faultKinds)[number]

export function isFaultKind(text: string): text is FaultKind {
  return (faultKinds as readonly string[]).includes(text)
}
