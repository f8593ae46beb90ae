import { YurtSshError } from '../errors.js'
import type { JournalFacts, JournalWrite } from './types.js'

/** Of /var/lib/yurt-ssh on a host, in its file `format`. */
export const stateFormat = '1'

/** The refusal to read or write state whose format this version does not know. */
export function unknownFormat(host: string, format: string): YurtSshError {
  return new YurtSshError(
    'HOST_STATE_FORMAT',
    `/var/lib/yurt-ssh has format ${format}, this version knows ${stateFormat}: it is not read and not changed`,
    { host, hint: 'a newer yurt-ssh converted this host: go on with that one' },
  )
}

/** A file's bytes before write `number`, as text; undefined unless their sha256 is `sha256`. */
export type ReadBackup = (number: number, sha256: string) => string | undefined

/**
 * Reads a transaction's journal (format 1, written by templates/host/steps.sh.hbs). A line that a power cut left
 * without its end is dropped; a line that is not ours makes the journal not intact.
 */
export function parseJournal(id: string, text: string, backup: ReadBackup): Omit<JournalFacts, 'result'> {
  const lines = text.split('\n').slice(0, -1)
  const journal: Omit<JournalFacts, 'result'> = {
    id,
    verb: '',
    writes: [],
    directories: [],
    trees: [],
    intact: lines.length > 0,
  }
  for (const line of lines) {
    const fields = line.split(' ').slice(1)
    if (/^begin \S+ (convert|revert)$/.test(line)) journal.verb = fields[1] ?? ''
    else if (writeLine.test(line)) journal.writes.push(readWrite(fields, backup))
    else if (/^hub (keep|remove)$/.test(line)) journal.hubInterface = fields[0] === 'keep' ? 'keep' : 'remove'
    else if (/^mkdir \/./.test(line)) journal.directories.push(fields.join(' '))
    else if (/^tree \/./.test(line)) journal.trees.push(fields.join(' '))
    else if (line === 'commit') journal.committed = true
    else if (!['kubelet', 'done'].includes(line)) journal.intact = false
  }
  return journal
}

const writeLine = /^write \d+ (absent|[0-9a-f]+) (absent|[0-9a-f]+) (- - -|[0-7]+ \d+ \d+) \/./

function readWrite(fields: string[], backup: ReadBackup): JournalWrite {
  const [number = '', before = '', after = '', mode = '', uid = '', gid = '', ...path] = fields
  const write: JournalWrite = { number: Number(number), path: path.join(' '), before, after }
  if (before === 'absent') return write
  const bytes = backup(write.number, before)
  return {
    ...write,
    mode: mode.padStart(4, '0'),
    uid: Number(uid),
    gid: Number(gid),
    ...(bytes === undefined ? {} : { backup: bytes }),
  }
}
