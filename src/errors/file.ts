import { YurtSshError } from '../errors.js'
import { systemWords } from './system.js'

type Doing = 'read' | 'written'

/** What a code of Node.js says of a file, and what to do about it. */
const troubles: Record<string, readonly [why: string, hint: string]> = {
  EACCES: ['this user may not do that', 'look at it, and at the folders above it, with `ls -ld`'],
  EISDIR: ['it is a folder', 'name a file'],
  ENOTDIR: ['something on its path is no folder', 'check the path'],
  EEXIST: ['something of that name is there already', 'name another'],
  ENOSPC: ['the disk is full', 'make room, or name another disk'],
  ELOOP: ['links on its path go in a circle', 'look at them with `ls -l`'],
  EROFS: ['the disk can only be read', 'name another'],
}

const missing: Record<Doing, readonly [why: string, hint: string]> = {
  read: [
    'there is no such file',
    'check the path; a relative one begins in the folder of the file that names it, on the command line where you are',
  ],
  written: ['its folder is not there', 'make the folder first, or name another'],
}

/** The error of a file that could not be read or written: `what` names it, Node.js' code becomes words and a hint. */
export function fileError(code: string, what: string, doing: Doing, cause: unknown): YurtSshError {
  const { why, hint } = fileTrouble(doing, cause)
  return new YurtSshError(code, `${what} cannot be ${doing}: ${why}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** The same as words alone. */
export function fileTrouble(doing: Doing, cause: unknown): { why: string; hint?: string } {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const [why, hint] = (code === 'ENOENT' ? missing[doing] : troubles[code]) ?? []
  return why === undefined || hint === undefined ? { why: systemWords(cause) } : { why, hint }
}
