import { flagUses } from './flags.js'
import { isBlank, type Word } from './words.js'

/** ours: through the hub; partial: only half of our two flags; other: somebody's own flags decide. */
export type RedirectState = 'none' | 'ours' | 'partial' | 'other'

/**
 * The flags that send the kubelet to the hub on its own host, by the kubeconfig of that name. The empty one keeps it from
 * bootstrapping: a kubeconfig without client certificate is no valid one to it.
 */
export function redirectFlags(ours: string): string[] {
  return [`--kubeconfig=${ours}`, '--bootstrap-kubeconfig=']
}

/** Which kubeconfig these arguments make the kubelet use; `ours` is the one that leads to the hub. */
export function stateOf(words: Word[], ours: string): RedirectState {
  const kubeconfig = lastUse(words, 'kubeconfig')
  const bootstrap = lastUse(words, 'bootstrap-kubeconfig')
  if (!kubeconfig && !bootstrap) return 'none'
  if (kubeconfig && kubeconfig.value !== ours) return 'other'
  if (bootstrap && bootstrap.value !== '') return 'other'
  return kubeconfig && bootstrap ? 'ours' : 'partial'
}

/** Whether any of these arguments is our kubeconfig. */
export function hasOurKubeconfig(words: Word[], ours: string): boolean {
  return uses(words, 'kubeconfig').some(({ value }) => value === ours)
}

function lastUse(words: Word[], name: string) {
  return uses(words, name).at(-1)
}

function uses(words: Word[], name: string) {
  return flagUses(
    words.map((word) => word.text),
    name,
  )
}

/**
 * Those of the words that are ours. With each of our --kubeconfig goes one empty --bootstrap-kubeconfig, the
 * last ones: an earlier one may be the owner's.
 */
export function ourWords(words: Word[], ours: string): Word[] {
  const kubeconfigs = uses(words, 'kubeconfig').filter((use) => use.value === ours)
  const empty = uses(words, 'bootstrap-kubeconfig').filter((use) => use.value === '')
  const count = kubeconfigs.length || (stateOf(words, ours) === 'partial' ? 1 : 0)
  return [...kubeconfigs, ...empty.slice(Math.max(0, empty.length - count))].flatMap((use) =>
    words.slice(use.index, use.index + use.words),
  )
}

/** The same flags as yurtctl v0.6 adds them. */
export function yurtctlFlags(ours: string): string {
  return `  ${redirectFlags(ours).join(' ')} `
}

/**
 * Offsets into the value of the words and of one blank with each: before it, or after it at the start of the
 * value.
 */
export function droppedOffsets(value: string, dropped: Word[], ours: string): number[] {
  const yurtctl = yurtctlFlags(ours)
  const end = value.endsWith(yurtctl) && dropped.at(-1)?.to === value.length - 1
  const gone = new Set(end ? range(value.length - yurtctl.length, value.length) : [])
  for (const { from, to } of dropped.toSorted((a, b) => a.from - b.from)) {
    for (const at of range(from, to)) gone.add(at)
    const before = from > 0 && !gone.has(from - 1)
    const blank = before ? from - 1 : to
    if (isBlank(value.charAt(blank))) gone.add(blank)
  }
  return [...gone]
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
