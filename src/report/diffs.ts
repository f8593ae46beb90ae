import { createTwoFilesPatch } from 'diff'
import { stringify } from 'yaml'
import { mergePatch, patched } from '../cluster/diff.js'
import { shownObject } from '../cluster/shown.js'
import type { ClusterStep, KubeObject } from '../cluster/types.js'
import { maskToken, tokenPlaceholder } from '../node/hub.js'
import type { HostStep } from '../plan/types.js'

/** The change of a file as a unified diff, tokens masked; nothing for steps that change no file. */
export function fileDiff(step: HostStep): string[] {
  if (step.kind !== 'write-file' && step.kind !== 'remove-file') return []
  const before = step.beforeContent ?? ''
  const after = step.kind === 'write-file' ? step.content.replaceAll(tokenPlaceholder, '********') : ''
  return unifiedDiff(step.path, maskToken(before), maskToken(after))
}

/** The change of an object as a unified diff of its YAML, secrets masked; nothing for other steps. */
export function objectDiff(step: ClusterStep): string[] {
  if (step.kind === 'delete') return unifiedDiff(step.ref.name, yaml(step.before), '')
  if (step.kind !== 'apply') return []
  const { object, before } = step
  if (before === null) return unifiedDiff(object.metadata.name, '', yaml(object))
  const after = patched(before, mergePatch(object, before) ?? {})
  return unifiedDiff(object.metadata.name, yaml(before), yaml(after, before))
}

function yaml(object: KubeObject | null, before: KubeObject | null = null): string {
  return object === null ? '' : stringify(shownObject(object, before))
}

function unifiedDiff(name: string, before: string, after: string): string[] {
  if (before === '' || after === '') return whole(before, after)
  const patch = createTwoFilesPatch(name, name, before, after, '', '', { context: 2, maxEditLength: 5000 })
  if (patch === undefined) return ['(too different to show)']
  const lines = patch.split('\n').filter((line) => line !== '')
  const first = lines.findIndex((line) => line.startsWith('@@'))
  return first === -1 ? [] : lines.slice(first)
}

/** What is new or goes altogether, however long it is. */
function whole(before: string, after: string): string[] {
  const [sign, text] = before === '' ? ['+', after] : ['-', before]
  if (text === '') return []
  const lines = text.replace(/\n$/, '').split('\n')
  const range = before === '' ? `-0,0 +1,${lines.length}` : `-1,${lines.length} +0,0`
  return [`@@ ${range} @@`, ...lines.map((line) => sign + line)]
}
