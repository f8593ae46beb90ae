import { createHash } from 'node:crypto'
import { YurtSshError } from '../errors.js'
import { parseJournal } from './journal.js'
import { type FileFact, type FileKey, fileKeys, type HostFacts, type JournalFacts } from './types.js'

/** The output of the facts script, by kind of line. */
interface Records {
  facts: Map<string, string[]>
  blobs: Map<string, string[]>
  files: Map<string, FileFact>
  runs: { id: string; result: string }[]
}

const goArch: Record<string, string> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i686: '386',
  ppc64le: 'ppc64le',
  s390x: 's390x',
}

/**
 * Reads the output of the facts script.
 * @throws YurtSshError NODE_FACTS when the output is cut short or a file is not UTF-8 text.
 */
export function parseFacts(output: string): HostFacts {
  const records = readRecords(output)
  const one = (name: string): string => records.facts.get(name)?.[0] ?? ''
  const all = (name: string): string[] => (records.facts.get(name) ?? []).filter((value) => value !== '')
  const number = (name: string): number => Number(one(name)) || 0
  const text = (name: string): string =>
    (records.blobs.get(name) ?? []).map((data) => decode(name, data)).join('\n')
  if (one('end') !== '1') throw new YurtSshError('NODE_FACTS', 'the facts script did not run to its end')
  return {
    uid: Number(one('uid')),
    arch: goArch[one('arch')] ?? one('arch'),
    kernel: one('kernel'),
    hostname: one('hostname'),
    bootId: one('bootId'),
    clock: number('clock'),
    httpClient: one('httpClient'),
    ...(one('systemd') === '' ? {} : { systemd: number('systemd') }),
    missingTools: all('missingTool'),
    otherDistributions: all('otherDistribution'),
    freeKiB: number('freeKiB'),
    dummy: one('dummy') as HostFacts['dummy'],
    iptables: one('iptables') === 'present',
    hubRules: number('hubRules'),
    tunnelChains: number('tunnelChains'),
    kubelet: {
      loadState: one('kubelet.LoadState'),
      activeState: one('kubelet.ActiveState'),
      mainPid: number('kubelet.MainPID'),
      unitPaths: [one('kubelet.FragmentPath'), ...one('kubelet.DropInPaths').split(' ')].filter(
        (path) => path !== '',
      ),
      unitText: text('kubelet.unit'),
      environmentFiles: all('kubelet.environmentFile'),
      extraEnvironment: text('kubelet.environment'),
      commandLine: text('kubelet.commandLine')
        .replace(/\n$/, '')
        .split('\n')
        .filter((argument, index) => index > 0 || argument !== ''),
    },
    staticPodPath: one('staticPodPath'),
    staticPods: all('staticPod'),
    engine: one('engine'),
    runtimeEndpoint: one('runtimeEndpoint'),
    imageTool: one('imageTool'),
    images: all('image'),
    listening: all('listening').map(Number),
    registries: statuses(all('registry')),
    api: statuses(all('api')),
    hubHealth: one('hubHealth'),
    hubServes: one('hubServes'),
    hubTokenId: one('hubTokenId'),
    tunnelDirectories: all('tunnelDirectory'),
    pods: all('pod').map((value) => {
      const [uid = '', serviceHost = ''] = value.split(' ')
      return { uid, serviceHost }
    }),
    files: Object.fromEntries(fileKeys.map((key) => [key, fileFact(records, key)])) as Record<
      FileKey,
      FileFact
    >,
    state: {
      unit: one('unitState'),
      format: one('stateFormat'),
      lock: one('lock'),
      journals: records.runs.map(({ id, result }) => ({
        ...parseJournal(id, lossy(records.blobs.get(`journal:${id}`)?.[0]), (number, sha256) =>
          proven(records.blobs.get(`backup:${id}:${number}`)?.[0], sha256),
        ),
        result: result as JournalFacts['result'],
      })),
    },
  }
}

function readRecords(output: string): Records {
  const records: Records = { facts: new Map(), blobs: new Map(), files: new Map(), runs: [] }
  for (const line of output.split('\n')) {
    const [kind = '', name = '', ...rest] = line.split(' ')
    const value = rest.join(' ')
    if (kind === 'fact') append(records.facts, name, value)
    else if (kind === 'blob') append(records.blobs, name, value)
    else if (kind === 'run') records.runs.push({ id: name, result: value })
    else if (kind === 'file') records.files.set(name, readFileLine(rest))
  }
  return records
}

/** Lines of `STATUS THING` as a table by thing. */
function statuses(values: string[]): Record<string, string> {
  return Object.fromEntries(values.map((value) => [value.slice(4), value.slice(0, 3)]))
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  map.set(key, [...(map.get(key) ?? []), value])
}

function readFileLine([state = '', sha256 = '', mode = '', uid = '', gid = '', ...path]: string[]): FileFact {
  const found = { path: path.join(' '), state: state as FileFact['state'] }
  if (state === 'absent') return found
  const fact: FileFact = { ...found, mode: mode.padStart(4, '0'), uid: Number(uid), gid: Number(gid) }
  return state === 'file' ? { ...fact, sha256 } : fact
}

function fileFact(records: Records, key: string): FileFact {
  const fact = records.files.get(key) ?? { path: '', state: 'absent' as const }
  const data = records.blobs.get(key)?.[0]
  return data === undefined ? fact : { ...fact, content: decode(fact.path, data) }
}

/** A journal's text; bytes that are none spoil the line that they stand in. */
function lossy(data = ''): string {
  return Buffer.from(data, 'base64').toString('utf8')
}

/** A backup's text where its bytes are still those that were kept. */
function proven(data: string | undefined, sha256: string): string | undefined {
  if (data === undefined) return undefined
  const bytes = Buffer.from(data, 'base64')
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? decode('a backup', data) : undefined
}

/** Bytes as text; a file that would not come back as the same bytes is refused. */
function decode(what: string, data: string): string {
  const bytes = Buffer.from(data, 'base64')
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) {
    throw new YurtSshError('NODE_FACTS', `${what} is not UTF-8 text`, {
      hint: 'yurt-ssh edits text files only; look at the file by hand',
    })
  }
  return text
}
