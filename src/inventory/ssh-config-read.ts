import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'
import { matchesPattern } from './pattern.js'
import { type ConfigBlock, type ConfigLine, parseConfigLines } from './ssh-config-lines.js'

/** OpenSSH's own limit. */
const maxDepth = 16

interface Reading {
  home: string
  /** Folder that relative includes start from. */
  folder: string
  /** Whether others may not be able to write the file: what stands in it is run. */
  strict: boolean
}

/** The settings of the user's and of the system's ssh_config, as far as they are there, or of the one file named. */
export function readSshConfig(choice: string | null | undefined, home: string): ConfigLine[] {
  if (choice === null) return []
  const own = { home, folder: join(home, '.ssh'), strict: choice === undefined }
  if (choice !== undefined) return readLines(choice, own, { missing: 'refuse' })
  return [
    ...readLines(join(home, '.ssh/config'), own, { missing: 'skip' }),
    ...readLines('/etc/ssh/ssh_config', { home, folder: '/etc/ssh', strict: false }, { missing: 'skip' }),
  ]
}

interface Place {
  missing: 'skip' | 'refuse'
  block?: ConfigBlock | undefined
  depth?: number
}

function readLines(file: string, reading: Reading, { missing, block, depth = 0 }: Place): ConfigLine[] {
  const text = readText(file, reading, missing)
  return parseConfigLines(text, file, block).flatMap((line) => {
    if (line.keyword !== 'include') return [line]
    if (depth === maxDepth)
      throw new YurtSshError('SSH_CONFIG', `${line.place}: more than ${maxDepth} includes deep`)
    const inside = { missing: 'skip', block: line.block, depth: depth + 1 } as const
    return line.words
      .flatMap((word) => expandGlob(absolute(readable(word, line.place), reading)))
      .flatMap((path) => readLines(path, reading, inside))
  })
}

/** What ssh would read and this would not must not be passed over: a line in there may be the strict one. */
function readable(word: string, place: string): string {
  if (!/[[\]{}\\$]|^~[^/]/.test(word)) return word
  throw new YurtSshError('SSH_CONFIG', `${place}: Include ${word} is not followed: only *, ? and ~/ are`, {
    hint: 'name the files, or another file with ssh.config in the inventory',
  })
}

function absolute(path: string, { home, folder }: Reading): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(folder, path)
}

/** The files that a path with `*` and `?` names, in order; hidden ones only where the pattern says so, as in glob(7). */
function expandGlob(pattern: string): string[] {
  if (!/[*?]/.test(pattern)) return [pattern]
  const name = pattern.slice(pattern.lastIndexOf('/') + 1)
  return expandGlob(dirname(pattern)).flatMap((folder) => {
    if (!/[*?]/.test(name)) return [join(folder, name)]
    return entriesOf(folder)
      .filter((entry) => matchesPattern(name, entry) && (!entry.startsWith('.') || name.startsWith('.')))
      .map((entry) => join(folder, entry))
  })
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function readText(file: string, { strict }: Reading, missing: 'skip' | 'refuse'): string {
  try {
    const { mode, uid } = statSync(file)
    if (strict && ((mode & 0o022) !== 0 || ![0, process.getuid?.()].includes(uid)))
      throw new YurtSshError('SSH_CONFIG', `${file} can be written by others`, { hint: `chmod go-w ${file}` })
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof YurtSshError) throw cause
    const absent =
      cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR'].includes(String(cause.code))
    if (absent && missing === 'skip') return ''
    throw fileError('SSH_CONFIG', file, 'read', cause)
  }
}
