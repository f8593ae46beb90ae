import { YurtSshError } from '../errors.js'
import { sha256 } from './sha256.js'
import type { FileFact } from './types.js'

/** What the facts script prints of files: they are named one by one and read together. */
export interface FileLines {
  named: { key: string; state: FileFact['state']; whole: boolean; path: string }[]
  /** Mode, owner and size, and SHA-256, by path. */
  stats: Map<string, { mode: string; uid: number; gid: number; size: number }>
  sums: Map<string, string>
  /** The bytes of all whole ones behind each other, in base64. */
  contents: string
}

/** A file as it stands on a host; `bytes` where it was read whole. */
export interface ReadFile {
  fact: FileFact
  bytes?: Buffer
}

const namedLine = /^file (\S+) (absent|link|file|directory|other) (none|whole) (.*)$/
const statLine = /^stat ([0-7]+) (\d+) (\d+) (\d+) \.(\/.*)$/
/** sha256sum puts a backslash in front where it escapes backslashes of the name. */
const sumLine = /^(\\?)([0-9a-f]{64}) {2}\.(\/.*)$/

/** Puts a line where it belongs; another kind of line is nothing to it. */
export function readFileLine(lines: FileLines, line: string): void {
  const [, key, state, how, path = ''] = namedLine.exec(line) ?? []
  if (key !== undefined)
    lines.named.push({ key, state: state as FileFact['state'], whole: how === 'whole', path })
  const [, mode = '', uid, gid, size, measured] = statLine.exec(line) ?? []
  if (measured !== undefined) {
    const owner = { mode: mode.padStart(4, '0'), uid: Number(uid), gid: Number(gid) }
    lines.stats.set(measured, { ...owner, size: Number(size) })
  }
  const [, escaped, sum = '', summed = ''] = sumLine.exec(line) ?? []
  if (escaped !== undefined) lines.sums.set(escaped === '' ? summed : summed.replaceAll('\\\\', '\\'), sum)
  if (line.startsWith('contents ')) lines.contents = line.slice('contents '.length)
}

/**
 * The files, by their keys.
 * @throws YurtSshError HOST_CHANGES when one is not the same, or gone, from one look at it to the next
 */
export function filesOf(lines: FileLines): Map<string, ReadFile> {
  const contents = Buffer.from(lines.contents, 'base64')
  let offset = 0
  return new Map(
    lines.named.map(({ key, state, whole, path }): [string, ReadFile] => {
      const measured = lines.stats.get(path)
      if (state === 'absent' || (state === 'link' && measured === undefined))
        return [key, { fact: { path, state } }]
      const { size, ...owner } = measured ?? changes(path)
      if (state !== 'file') return [key, { fact: { path, state, ...owner } }]
      const sum = lines.sums.get(path) ?? changes(path)
      const fact: FileFact = { path, state, ...owner, sha256: sum }
      if (!whole) return [key, { fact }]
      const bytes = contents.subarray(offset, offset + size)
      offset += size
      return [key, sha256(bytes) === sum ? { fact, bytes } : changes(path)]
    }),
  )
}

/** What stands there, for a sentence: `absent`, `a symbolic link to /data/kubelet.conf`. */
export function inWords({ state, target }: FileFact): string {
  if (state === 'absent') return state
  if (state !== 'link') return state === 'other' ? 'no file' : `a ${state}`
  return target === undefined ? 'a symbolic link' : `a symbolic link to ${target}`
}

function changes(path: string): never {
  throw new YurtSshError(
    'HOST_CHANGES',
    `${path} changed, or could not be read, while the host was looked at`,
    {
      hint: 'see who writes there, and run it again',
    },
  )
}
