import { YurtSshError } from '../errors.js'
import { yurtctlFlags } from './redirect.js'
import type { FileFact } from './types.js'

/** Whether the flags file has the text that yurtctl v0.6 adds: two blanks before, one after. */
export function hasYurtctlFlags(text: string | undefined, ours: string): boolean {
  return text?.includes(yurtctlFlags(ours)) === true
}

/** Whether the kubelet's drop-in is one that yurtctl v0.5 edited: it names the hub's kubeconfig, its backup is beside it. */
export function isEditedDropIn(dropIn: FileFact, backup: FileFact, ours: string): boolean {
  return backup.state === 'file' && dropIn.content?.includes(`--kubeconfig=${ours}`) === true
}

/**
 * The drop-in without yurtctl v0.5's edit: its one line comes back from the backup, every other byte of now is kept.
 * @throws YurtSshError NODE_DROP_IN where backup and file differ in more than what yurtctl does
 */
export function restoreDropIn(dropIn: FileFact, backup: FileFact, ours: string): string {
  const text = dropIn.content ?? ''
  const edited = linesWith(text, ours)
  const original = linesWith(backup.content ?? '', '--kubeconfig=')
  const [line = '', other = ''] = [edited[0], original[0]]
  if (other.includes(ours))
    throw refused(backup.path, 'is a converted file itself, as a second yurtctl convert leaves it')
  if (edited.length !== 1 || original.length !== 1 || words(line) !== words(asEdited(other, ours)))
    throw refused(dropIn.path, 'differs from its backup in more than what yurtctl changes')
  return text.replace(line, () => other)
}

/** What yurtctl v0.5 makes of a line (pkg/node-servant/convert, two regular expressions). */
function asEdited(line: string, ours: string): string {
  return line
    .replace(/--bootstrap.*bootstrap-kubelet\.conf/, '')
    .replace(/--kubeconfig.*kubelet\.conf/, `--kubeconfig=${ours}`)
}

function linesWith(text: string, part: string): string[] {
  return text.split('\n').filter((line) => line.includes(part))
}

/** Without blanks, which yurtctl leaves where it took something out. */
function words(line: string): string {
  return line.replace(/\s+/g, '')
}

function refused(path: string, what: string): YurtSshError {
  return new YurtSshError('NODE_DROP_IN', `${path} ${what}: there is no original to go back to`, {
    hint: "put kubeadm's own 10-kubeadm.conf there by hand, remove the .bk file, then run again",
  })
}
