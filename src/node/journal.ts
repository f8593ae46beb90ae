import type { JournalFacts, JournalWrite } from './types.js'

/**
 * Reads a transaction's journal (format 1, written by templates/host/steps.sh.hbs). A line that a power cut left
 * without its end is dropped; a line that is not ours makes the journal not intact.
 */
export function parseJournal(
  id: string,
  text: string,
  backup: (number: number) => string | undefined,
): Omit<JournalFacts, 'result'> {
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
    const [operation = '', ...fields] = line.split(' ')
    if (operation === 'begin') journal.verb = fields[1] ?? ''
    else if (operation === 'write' && fields.length >= 7) journal.writes.push(readWrite(fields, backup))
    else if (operation === 'hub') journal.hubInterface = fields[0] === 'keep' ? 'keep' : 'remove'
    else if (operation === 'mkdir') journal.directories.push(fields.join(' '))
    else if (operation === 'tree') journal.trees.push(fields.join(' '))
    else if (!['kubelet', 'commit', 'done'].includes(operation)) journal.intact = false
  }
  return journal
}

function readWrite(fields: string[], backup: (number: number) => string | undefined): JournalWrite {
  const [number = '', before = '', after = '', mode = '', uid = '', gid = '', ...path] = fields
  const write: JournalWrite = { number: Number(number), path: path.join(' '), before, after }
  if (before === 'absent') return write
  const bytes = backup(write.number)
  return {
    ...write,
    mode: mode.padStart(4, '0'),
    uid: Number(uid),
    gid: Number(gid),
    ...(bytes === undefined ? {} : { backup: bytes }),
  }
}
