import type { HostFacts } from '../../node/types.js'
import { planLifecycleOn } from '../../plan/controller-manager.js'
import { planHostRevert } from '../../plan/host-revert.js'
import type { PlanOptions } from '../../plan/options.js'
import type { HostFile } from '../fleet/types.js'

/** The files that facts know by their text, as they were or would be without OpenYurt; pure. */
export function nativeFiles(facts: HostFacts, options: PlanOptions): HostFile[] {
  const { flags, kubeletConfig, controllerManager, kubeconfig, ca } = facts.files
  const found = [flags, kubeletConfig, controllerManager, kubeconfig, ca].flatMap(
    ({ path, content, mode = '0644' }): HostFile[] =>
      content === undefined ? [] : [{ path, mode, text: content }],
  )
  const back = [planHostRevert(facts, options).transaction, planLifecycleOn(facts, [])]
  const steps = back.flatMap((transaction) => transaction?.steps ?? [])
  const restored = new Map(
    steps.flatMap((step) => (step.kind === 'write-file' ? [[step.path, step.content] as const] : [])),
  )
  const removed = new Set(steps.flatMap((step) => (step.kind === 'remove-file' ? [step.path] : [])))
  return found
    .filter(({ path }) => !removed.has(path))
    .map((file) => ({ ...file, text: restored.get(file.path) ?? file.text ?? '' }))
}

/** Whether anything of ours stands on the host: it is rehearsed as it would be after a revert. */
export function isConverted(facts: HostFacts, options: PlanOptions): boolean {
  return planHostRevert(facts, options).transaction !== undefined || planLifecycleOn(facts, []) !== undefined
}

/** Unit file and drop-ins out of what `systemctl cat` printed; a comment in a unit that looks like a path stays. */
export function unitFiles({ unitText, unitPaths }: HostFacts['kubelet']): HostFile[] {
  const files: HostFile[] = []
  let lines: string[] = []
  for (const line of unitText.split('\n')) {
    const path = unitPaths.find((candidate) => line === `# ${candidate}`)
    if (path === undefined) lines.push(line)
    else {
      lines = []
      files.push({ path, mode: '0644' })
    }
    const last = files.at(-1)
    if (last !== undefined) last.text = `${lines.join('\n').trimEnd()}\n`
  }
  return files
}
