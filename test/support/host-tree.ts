import { createHash } from 'node:crypto'
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'

interface Entry {
  kind: 'folder' | 'file' | 'link'
  mode: number
  uid: number
  gid: number
  /** Bytes of a file, target of a link, as latin1; '' of a folder. */
  text: string
  /** Seconds; 0 but for files. */
  modified: number
}

/** A host's whole folder in memory: its state at one moment, by path. */
export interface HostTree {
  entries: ReadonlyMap<string, Entry>
  /** Equal where every script that runs next does the same: everything but transcripts, clock and the stand-ins' logs. */
  sum: string
}

const ignored =
  /^\/var\/lib\/yurt-ssh\/runs\/[^/]+\/out$|^\/\.lab\/(clock|trace|systemctl-calls|unit-log|bin|count-pid|images)$|yurthub-current\.pem$/

/** What stands in a host's folder. */
export function readTree(root: string): HostTree {
  const entries = new Map<string, Entry>()
  const sum = createHash('sha256')
  const visit = (folder: string): void => {
    for (const name of readdirSync(root + folder).sort()) {
      const path = `${folder}/${name}`
      const stats = lstatSync(root + path, { throwIfNoEntry: false })
      // a program of the other end of a pipe may be at work
      if (stats === undefined || stats.isFIFO()) continue
      const entry = entryOf(root + path, stats)
      entries.set(path, entry)
      if (!ignored.test(path)) sum.update(`${path} ${entry.kind} ${entry.mode} ${entry.text}\0`, 'latin1')
      if (entry.kind === 'folder') visit(path)
    }
  }
  visit('')
  return { entries, sum: sum.digest('hex') }
}

function entryOf(path: string, stats: Stats): Entry {
  const { mode, uid, gid } = stats
  const rights = { mode: mode & 0o7777, uid, gid, modified: 0 }
  if (stats.isDirectory()) return { kind: 'folder', ...rights, text: '' }
  if (stats.isSymbolicLink()) return { kind: 'link', ...rights, text: readlinkSync(path, 'latin1') }
  return { kind: 'file', ...rights, text: readFileSync(path, 'latin1'), modified: stats.mtimeMs / 1000 }
}

/** Makes a host's folder stand as it did: writes what differs, and removes what was not there. */
export function putTree(root: string, { entries }: HostTree): void {
  const now = readTree(root).entries
  for (const [path, { kind }] of now)
    if (entries.get(path)?.kind !== kind) rmSync(root + path, { recursive: true, force: true })
  for (const [path, entry] of entries) {
    const found = now.get(path)
    if (found?.kind === entry.kind && equal(found, entry)) continue
    putEntry(root + path, entry, found)
  }
}

function putEntry(path: string, { kind, mode, uid, gid, text, modified }: Entry, found?: Entry): void {
  if (kind === 'folder') {
    if (found?.kind !== kind) mkdirSync(path)
  } else rmSync(path, { force: true })
  if (kind === 'link') symlinkSync(Buffer.from(text, 'latin1'), path)
  if (kind === 'file') writeFileSync(path, text, 'latin1')
  if (process.getuid?.() === 0) lchownSync(path, uid, gid)
  if (kind !== 'link') chmodSync(path, mode)
  if (kind === 'file') utimesSync(path, modified, modified)
}

function equal(a: Entry, b: Entry): boolean {
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.text === b.text &&
    Math.abs(a.modified - b.modified) < 0.001
  )
}
