import type { FileFact } from '../node/types.js'
import type { RemoveFile, WriteFile } from './types.js'

/** A file that is not there yet, owned by root. */
export function newFile(path: string, content: string, mode: string): WriteFile {
  return { kind: 'write-file', path, content, mode, uid: 0, gid: 0, before: 'absent' }
}

/** A file with other bytes and the mode and owner that it has; like `newFile` when it is absent. */
export function replaced(fact: FileFact, path: string, content: string, mode: string): WriteFile {
  if (fact.state !== 'file' || fact.sha256 === undefined) return newFile(path, content, mode)
  return {
    kind: 'write-file',
    path,
    content,
    mode: fact.mode ?? mode,
    uid: fact.uid ?? 0,
    gid: fact.gid ?? 0,
    before: fact.sha256,
    ...(fact.content === undefined ? {} : { beforeContent: fact.content }),
  }
}

/** The end of a file that is there. */
export function removal(fact: FileFact): RemoveFile {
  return {
    kind: 'remove-file',
    path: fact.path,
    before: fact.sha256 ?? 'absent',
    ...(fact.content === undefined ? {} : { beforeContent: fact.content }),
  }
}
