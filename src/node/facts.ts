import { YurtSshError } from '../errors.js'
import { disksOf } from './disks.js'
import { type FileLines, filesOf, type ReadFile, readFileLine } from './file-facts.js'
import { parseJournal } from './journal.js'
import { type FileFact, type FileKey, fileKeys, type HostFacts, type JournalFacts } from './types.js'

/** The output of the facts script, by kind of line. */
interface Records {
  facts: Map<string, string[]>
  texts: Map<string, string[]>
  /** Of each journal, in base64. */
  blobs: Map<string, string>
  files: ReadonlyMap<string, ReadFile>
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
 * @throws YurtSshError NODE_FACTS when the output is cut short or a file is not UTF-8 text; HOST_CHANGES when a file
 * changed while it was read
 */
export function parseFacts(output: string): HostFacts {
  const records = readRecords(output)
  const one = (name: string): string => records.facts.get(name)?.[0] ?? ''
  const all = (name: string): string[] => (records.facts.get(name) ?? []).filter((value) => value !== '')
  const number = (name: string): number => Number(one(name)) || 0
  const text = (name: string): string => textOf(records.texts, name)
  return {
    ...(one('uid') === '' ? {} : { uid: number('uid') }),
    arch: goArch[one('arch')] ?? one('arch'),
    kernel: one('kernel'),
    hostname: one('hostname'),
    bootId: one('bootId'),
    clock: number('clock'),
    httpClient: one('httpClient'),
    ...(one('systemd') === '' ? {} : { systemd: number('systemd') }),
    missingTools: all('missingTool'),
    otherDistributions: all('otherDistribution'),
    disks: disksOf(all('diskFolder'), all('diskKiB'), all('diskInodes')),
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
      commandLine: (records.texts.get('kubelet.commandLine') ?? []).filter(
        (argument, index) => index > 0 || argument !== '',
      ),
    },
    staticPodPath: one('staticPodPath'),
    staticPods: all('staticPod'),
    definedIn: {
      controllerManager: all('definedIn.controllerManager'),
      hub: all('definedIn.hub'),
    },
    engine: one('engine'),
    runtimeEndpoint: one('runtimeEndpoint'),
    imageTool: one('imageTool'),
    ...(one('imageToolProblem') === '' ? {} : { imageToolProblem: one('imageToolProblem') }),
    images: all('image'),
    // a port may listen for both of IPv4 and IPv6
    listening: [...new Set(all('listening'))].map(Number).sort((a, b) => a - b),
    registries: statuses(all('registry')),
    mirrors: mirrorsOf(all('mirror')),
    api: statuses(all('api')),
    hubHealth: one('hubHealth'),
    hubServes: one('hubServes'),
    hubTokenId: one('hubTokenId'),
    tunnelDirectories: all('tunnelDirectory'),
    pods: podsOf(all('pod')),
    files: Object.fromEntries(fileKeys.map((key) => [key, fileFact(records, key)])) as Record<
      FileKey,
      FileFact
    >,
    state: {
      unit: one('unitState'),
      format: one('stateFormat'),
      lock: one('lock'),
      journals: records.runs.map(({ id, result }) => ({
        ...parseJournal(id, lossy(records.blobs.get(`journal:${id}`)), (number, sha256) =>
          proven(records.files.get(`backup:${id}:${number}`), sha256),
        ),
        result: result as JournalFacts['result'],
      })),
    },
  }
}

function readRecords(output: string): Records {
  const facts = new Map<string, string[]>()
  const texts = new Map<string, string[]>()
  const blobs = new Map<string, string>()
  const runs: Records['runs'] = []
  const lines: FileLines = { named: [], stats: new Map(), sums: new Map(), contents: '' }
  for (const line of output.split('\n')) {
    const [kind = '', name = '', ...rest] = line.split(' ')
    const value = rest.join(' ')
    if (kind === 'fact') append(facts, name, value)
    else if (kind === 'text') append(texts, name, value)
    else if (kind === 'blob') blobs.set(name, value)
    else if (kind === 'run') runs.push({ id: name, result: value })
    else readFileLine(lines, line)
  }
  if (facts.get('end')?.[0] !== '1')
    throw new YurtSshError('NODE_FACTS', 'the facts script did not run to its end')
  return { facts, texts, blobs, runs, files: filesOf(lines) }
}

/** Files of which only a part leaves the host. */
const masked: readonly string[] = ['kubeconfig', 'hubManifest', 'ca'] satisfies FileKey[]

function fileFact({ files, texts, facts }: Records, key: FileKey): FileFact {
  const { fact, bytes } = files.get(key) ?? { fact: { path: '', state: 'absent' } }
  if (bytes !== undefined) return { ...fact, content: decode(fact.path, bytes) }
  const problem = key === 'kubeconfig' ? facts.get('kubeconfigProblem')?.[0] : undefined
  if (problem !== undefined) return { ...fact, problem }
  if (fact.state === 'file' && masked.includes(key)) return { ...fact, content: textOf(texts, key) }
  const link = facts.get('link')?.find((value) => value.startsWith(`${key} `))
  return link === undefined ? fact : { ...fact, target: link.slice(key.length + 1) }
}

function textOf(texts: Records['texts'], name: string): string {
  return (texts.get(name) ?? []).map((line) => `${line}\n`).join('')
}

/** Pods by their UID in a container's cgroup, each with its addresses of the Service, which one value has in front. */
function podsOf(values: readonly string[]): HostFacts['pods'] {
  const found = values.flatMap((value) => {
    const [, serviceHost, uid] =
      /^(\S*) .*pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})/.exec(value) ?? []
    return serviceHost === undefined || uid === undefined
      ? []
      : [`${uid.replaceAll('_', '-')} ${serviceHost}`]
  })
  return [...new Set(found)].sort().map((pair) => {
    const [uid = '', serviceHost = ''] = pair.split(' ')
    return { uid, serviceHost }
  })
}

/** Lines of `STATUS THING` as a table by thing. */
function statuses(values: string[]): Record<string, string> {
  return Object.fromEntries(values.map((value) => [value.slice(4), value.slice(0, 3)]))
}

/** Lines of `IMAGE FILE` as a table. */
function mirrorsOf(values: string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => [value.slice(0, value.indexOf(' ')), value.slice(value.indexOf(' ') + 1)]),
  )
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

/** A journal's text; bytes that are none spoil the line that they stand in. */
function lossy(data = ''): string {
  return Buffer.from(data, 'base64').toString('utf8')
}

/** A backup's text where its bytes are still those that were kept. */
function proven(backup: ReadFile | undefined, sha256: string): string | undefined {
  if (backup?.bytes === undefined || backup.fact.sha256 !== sha256) return undefined
  return decode('a backup', backup.bytes)
}

/** Bytes as text; a file that would not come back as the same bytes is refused. */
function decode(what: string, bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) {
    throw new YurtSshError('NODE_FACTS', `${what} is not UTF-8 text`, {
      hint: 'yurt-ssh edits text files only; look at the file by hand',
    })
  }
  return text
}
