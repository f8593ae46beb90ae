import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseFacts } from '../../src/node/facts.js'
import type { FileKey } from '../../src/node/types.js'
import { sha256 } from '../support/facts.js'

const recorded = readFileSync(new URL('../cases/node/facts.txt', import.meta.url), 'utf8')
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64')
const facts = (...lines: string[]) => parseFacts([...lines, 'fact end 1', ''].join('\n'))

describe('the recorded facts of a converted worker', () => {
  const found = parseFacts(recorded)

  it('have its machine', () => {
    expect(found).toMatchObject({
      uid: 0,
      arch: 'amd64',
      hostname: 'edge-1',
      httpClient: 'curl',
      systemd: 247,
      missingTools: [],
      otherDistributions: [],
      disks: [
        { folder: '/var/lib', mount: '/', freeKiB: 24679376, freeInodes: 20755933 },
        { folder: '/etc/kubernetes', mount: '/', freeKiB: 24679376, freeInodes: 20755933 },
      ],
      dummy: 'loadable',
      iptables: true,
      listening: [],
      hubHealth: '200',
      hubServes: '200',
      api: { 'https://192.0.2.1:6443': '200' },
      imageTool: 'crictl',
      engine: 'containerd',
      runtimeEndpoint: '/run/containerd/containerd.sock',
      images: ['docker.io/openyurt/yurthub:v0.6.1'],
      registries: {},
      staticPodPath: '/etc/kubernetes/manifests',
      staticPods: ['yurt-hub.yaml'],
    })
  })

  it('have its kubelet', () => {
    expect(found.kubelet).toMatchObject({
      loadState: 'loaded',
      activeState: 'active',
      unitPaths: [
        '/lib/systemd/system/kubelet.service',
        '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
      ],
      environmentFiles: ['/var/lib/kubelet/kubeadm-flags.env', '/etc/default/kubelet'],
    })
    expect(found.kubelet.commandLine.slice(0, 1)).toEqual(['/usr/bin/kubelet'])
    expect(found.kubelet.commandLine.slice(-2)).toEqual([
      '--kubeconfig=/var/lib/openyurt/kubelet.conf',
      '--bootstrap-kubeconfig=',
    ])
    expect(found.kubelet.unitText).toContain('EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\n')
  })

  it('have its files, of those with secrets no secret', () => {
    expect(found.files).toMatchObject({
      flags: { state: 'file', mode: '0640', content: expect.stringMatching(/^KUBELET_KUBEADM_ARGS=".*"\n$/) },
      clientPem: { state: 'link' },
      kubernetesDir: { state: 'directory', mode: '0755' },
      controllerManager: { path: '/etc/kubernetes/manifests/kube-controller-manager.yaml', state: 'absent' },
      hubManifest: { state: 'file', mode: '0600' },
      hubBootstrap: { state: 'file' },
    })
    expect(found.files.hubBootstrap.content).toBeUndefined()
    expect(found.files.kubeconfig.content).toContain('server: https://192.0.2.1:6443')
    expect(found.files.kubeconfig.content).not.toContain('client-key')
  })

  it('have its journal with the backups that a revert needs', () => {
    const [journal] = found.state.journals
    expect(found.state).toMatchObject({ unit: 'inactive', format: '1', lock: '' })
    expect(journal).toMatchObject({
      verb: 'convert',
      result: 'committed',
      intact: true,
      hubInterface: 'remove',
    })
    expect(journal?.writes.at(-1)).toMatchObject({
      path: '/var/lib/kubelet/kubeadm-flags.env',
      mode: '0640',
      backup: expect.stringMatching(/^KUBELET_KUBEADM_ARGS="/),
      after: found.files.flags.sha256,
    })
  })

  it('are refused when cut short anywhere', () => {
    const lines = recorded.trimEnd().split('\n')
    for (let length = 0; length < lines.length; length++) {
      expect(() => parseFacts(`${lines.slice(0, length).join('\n')}\n`)).toThrow(
        expect.objectContaining({ code: 'NODE_FACTS', message: 'the facts script did not run to its end' }),
      )
    }
  })
})

describe('facts', () => {
  it('of nothing but the end are empty, not wrong', () => {
    expect(facts()).toMatchObject({
      missingTools: [],
      staticPodPath: '',
      kubelet: { mainPid: 0, unitPaths: [], commandLine: [] },
      files: { flags: { path: '', state: 'absent' } },
      state: { journals: [] },
    })
    expect(facts()).not.toHaveProperty('systemd')
    expect(facts()).not.toHaveProperty('uid')
  })

  it('keep blanks in paths and values', () => {
    const sum = 'a'.repeat(64)
    const found = facts(
      'file flags file none /srv/my disk/flags.env',
      'stat 640 7 8 9 ./srv/my disk/flags.env',
      `${sum}  ./srv/my disk/flags.env`,
      'fact lock run 4711 9 boot id',
    )
    expect(found.files.flags).toEqual({
      path: '/srv/my disk/flags.env',
      state: 'file',
      sha256: sum,
      mode: '0640',
      uid: 7,
      gid: 8,
    })
    expect(found.state.lock).toBe('run 4711 9 boot id')
  })

  it('tell what is absent, a link or something else', () => {
    const found = facts(
      'file flags absent whole /a',
      'file kubeconfig link none /b',
      'file hubRoot other none /c',
      'stat 777 0 0 9 ./b',
      'stat 4755 0 0 0 ./c',
    )
    expect(found.files.flags).toEqual({ path: '/a', state: 'absent' })
    expect(found.files.kubeconfig).toEqual({ path: '/b', state: 'link', mode: '0777', uid: 0, gid: 0 })
    expect(found.files.hubRoot).toMatchObject({ state: 'other', mode: '4755' })
  })

  it('keep an empty file apart from none, and arguments that are empty', () => {
    const found = facts(
      'file flags file whole /a',
      'stat 644 0 0 0 ./a',
      `${sha256('')}  ./a`,
      'contents ',
      ...['/usr/bin/kubelet', '--a', '', '--b'].map((word) => `text kubelet.commandLine ${word}`),
    )
    expect(found.files.flags.content).toBe('')
    expect(found.kubelet.commandLine).toEqual(['/usr/bin/kubelet', '--a', '', '--b'])
  })

  it('keep every byte of a text', () => {
    const content = 'a\r\nü\t"\'\\ \0\n\n'
    expect(facts(...wholeFiles({ ca: content })).files.ca.content).toBe(content)
  })

  it('refuse a file that is no UTF-8, by its name', () => {
    const bytes = Buffer.from([0x4b, 0xe9, 0x0a])
    expect(() => facts(...wholeFiles({ flags: bytes }))).toThrow(
      expect.objectContaining({ code: 'NODE_FACTS', message: '/flags is not UTF-8 text' }),
    )
  })

  const [flags, ca] = ['KUBELET_KUBEADM_ARGS="--ü"\n', '-----BEGIN\n']
  const twoFiles = wholeFiles({ flags, ca })

  it('cut the bytes of files that were read together apart', () => {
    const { files } = facts(...twoFiles)
    expect([files.flags.content, files.ca.content]).toEqual([flags, ca])
  })

  it.each([
    {
      name: 'is longer than it was',
      lines: twoFiles.map((line) => line.replace(/\d+ \.\/flags/, '9 ./flags')),
    },
    { name: 'has other bytes', lines: twoFiles.map((line) => line.replace(sha256(flags), sha256(ca))) },
    { name: 'has gone before stat', lines: twoFiles.filter((line) => !/^stat .*flags/.test(line)) },
    { name: 'has gone before sha256sum', lines: twoFiles.filter((line) => !line.endsWith('  ./flags')) },
    {
      name: 'has gone before cat',
      lines: [...twoFiles.slice(0, -1), `contents ${base64(ca)}`],
    },
    { name: 'and all others cannot be read', lines: twoFiles.slice(0, -1) },
  ])('are refused when a file $name', ({ lines }) => {
    expect(() => facts(...lines)).toThrow(
      expect.objectContaining({ code: 'HOST_CHANGES', message: expect.stringContaining('/flags ') }),
    )
  })

  it.each([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['armv7l', 'arm'],
    ['riscv64', 'riscv64'],
  ])('know %s as %s', (machine, arch) => expect(facts(`fact arch ${machine}`).arch).toBe(arch))

  it('have the status of each address and registry', () => {
    const found = facts(
      'fact api 000 https://a:6443',
      'fact api 401 https://b:6443',
      'fact registry 200 docker.io/x:1',
    )
    expect(found.api).toEqual({ 'https://a:6443': '000', 'https://b:6443': '401' })
    expect(found.registries).toEqual({ 'docker.io/x:1': '200' })
  })
})

/** What the script prints of files that it read whole: `/KEY` each. */
function wholeFiles(files: Partial<Record<FileKey, Buffer | string>>): string[] {
  const all = Object.entries(files).map(([key, bytes]) => ({ key, bytes: Buffer.from(bytes) }))
  return [
    ...all.map(({ key }) => `file ${key} file whole /${key}`),
    ...all.map(({ key, bytes }) => `stat 644 0 0 ${bytes.length} ./${key}`),
    ...all.map(({ key, bytes }) => `${sha256(bytes)}  ./${key}`),
    `contents ${base64(Buffer.concat(all.map(({ bytes }) => bytes)))}`,
  ]
}
