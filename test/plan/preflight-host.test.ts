import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Host } from '../../src/inventory/types.js'
import type { FileFact, FileKey } from '../../src/node/types.js'
import { type Check, createChecks, ignoreChecks } from '../../src/plan/checks.js'
import type { PlanOptions } from '../../src/plan/options.js'
import { preflightHost } from '../../src/plan/preflight-host.js'
import { qualifiedImage } from '../../src/releases/release.js'
import {
  absent,
  convertedFacts,
  type FactChanges,
  file,
  folder,
  hostNamed,
  link,
  masterFacts,
  nativeFacts,
  options,
  release,
  withJournal,
} from '../support/facts.js'

interface Case {
  check: string
  facts?: FactChanges
  file?: Partial<Record<FileKey, string>>
  host?: Partial<Host>
  options?: Partial<PlanOptions>
  says: string
  status?: Check['status']
  mandatory?: true
}

const cases = parse(
  readFileSync(new URL('../cases/plan/preflight-host.yaml', import.meta.url), 'utf8'),
) as Case[]
const edge1 = hostNamed('edge-1')

function fileFact(key: FileKey, what: string): FileFact {
  if (what === 'absent') return absent(key)
  if (what === 'link') return link(key)
  return what === 'folder' ? folder(key) : file(key, what)
}

function preflight({ facts = {}, file: files = {}, host = {}, options: given = {} }: Case): Check[] {
  const changed = Object.entries(files).map(([key, what]) => [key, fileFact(key as FileKey, what)])
  const found = nativeFacts({ ...facts, files: { ...facts.files, ...Object.fromEntries(changed) } })
  for (const key of ['systemd', 'uid'] as const) if (facts[key] === null) delete found[key]
  return preflightHost(hostNamed('edge-1', host), found, true, { ...options, ...given })
}

const notOk = (checks: readonly Check[]): Check[] => checks.filter(({ status }) => status !== 'ok')

describe('preflight of a host', () => {
  it('passes on a native worker, a control-plane node and a converted host', () => {
    expect(notOk(preflightHost(edge1, nativeFacts(), true, options))).toEqual([])
    expect(notOk(preflightHost(edge1, convertedFacts(edge1), true, options))).toEqual([])
    const master = hostNamed('cp-1', { role: 'cloud' })
    expect(notOk(preflightHost(master, masterFacts({ hostname: 'cp-1' }), false, options))).toEqual([])
  })

  it.each(cases)('$check: $says', (given) => {
    const [found, ...others] = notOk(preflight(given))
    expect(found).toMatchObject({
      name: given.check,
      host: 'edge-1',
      status: given.status ?? 'failed',
      message: expect.stringContaining(given.says),
    })
    expect(others).toEqual([])
    expect(found?.mandatory).toBe(given.mandatory ?? (given.check === 'StaticPods' || undefined))
  })

  it('takes 512 MiB for the image, 16 MiB and 1000 files as enough, and not an unknown number of files', () => {
    const disks = [
      { folder: '/var/lib', mount: '/', freeKiB: 512 * 1024 },
      { folder: '/etc/kubernetes', mount: '/etc', freeKiB: 16 * 1024, freeInodes: 1000 },
    ]
    expect(notOk(preflightHost(edge1, nativeFacts({ disks }), true, options))).toEqual([])
  })

  it('names a full disk once, however many folders are on it', () => {
    const disks = ['/var/lib', '/var/lib/kubelet', '/etc/kubernetes'].map((folder) => ({
      folder,
      mount: '/',
      freeKiB: 2048,
    }))
    const [disk] = notOk(preflightHost(edge1, nativeFacts({ disks }), true, options))
    expect(disk?.message).toBe('only 2 MiB free under /var/lib, 512 are needed')
  })

  it('names the way back where a revert of ours stopped after the manifest', () => {
    const before = convertedFacts(edge1)
    const { path, sha256 = '' } = before.files.hubManifest
    const converted = withJournal(before, {
      id: 'run2-hub',
      verb: 'revert',
      result: 'unfinished',
      writes: [{ number: 1, path, before: sha256, after: 'absent' }],
      directories: [],
      trees: [],
      intact: true,
    })
    const files = { ...converted.files, hubManifest: absent('hubManifest'), hubRoot: folder('hubRoot') }
    const checks = preflightHost(edge1, { ...converted, files }, true, options)
    expect(checks.find(({ name }) => name === 'HubState')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('left of our hub, whose manifest is gone'),
      hint: expect.stringContaining('`yurt-ssh revert --limit edge-1`, then convert'),
    })
  })

  it('passes where somebody removed the manifest of our hub: it comes back', () => {
    const converted = convertedFacts(edge1)
    const files = { ...converted.files, hubManifest: absent('hubManifest') }
    const lost = { ...converted, files, listening: [10266], hubHealth: '000', hubServes: '' }
    expect(notOk(preflightHost(edge1, lost, true, { ...options, deployTunnel: true }))).toEqual([])
  })

  it('does not ask for a registry that holds an image the host has, or can reach', () => {
    const image = qualifiedImage(release.images.yurthub)
    const reached = nativeFacts({ images: [], registries: { [image]: '401' } })
    expect(preflightHost(edge1, reached, true, options)).toContainEqual(
      expect.objectContaining({ name: 'Image', status: 'ok', message: `will pull ${image}` }),
    )
  })

  it('asks for no dummy interface and no iptables where the hub makes none', () => {
    const host = hostNamed('edge-1', {
      hubArgs: ['--enable-dummy-if=false', '--access-server-through-hub=false'],
    })
    expect(
      notOk(preflightHost(host, nativeFacts({ dummy: 'absent', iptables: false }), true, options)),
    ).toEqual([])
  })

  it('takes the serverAddr of the inventory over a kubelet.conf that is not there', () => {
    const host = hostNamed('edge-1', { serverAddr: 'https://192.0.2.9:6443' })
    const names = notOk(
      preflightHost(host, nativeFacts({ files: { kubeconfig: absent('kubeconfig') } }), true, options),
    )
    expect(names).toEqual([])
  })

  it.each([
    { given: 'its own address for the hub', serverAddr: 'https://192.0.2.9:6443', name: 'kubernetes' },
    { given: 'the name that the address has', name: '192.0.2.1' },
  ])('takes a tls-server-name where it is $given', ({ serverAddr, name }) => {
    const text = `clusters: [{ name: c, cluster: { server: "https://192.0.2.1:6443", tls-server-name: ${name} } }]
contexts: [{ name: x, context: { cluster: c } }]
current-context: x
`
    const host = hostNamed('edge-1', serverAddr === undefined ? {} : { serverAddr })
    const facts = nativeFacts({ files: { kubeconfig: file('kubeconfig', text) } })
    expect(notOk(preflightHost(host, facts, true, options))).toEqual([])
  })

  it('asks nothing of the hub on a control-plane host without one', () => {
    const facts = masterFacts({ hostname: 'cp-1', listening: [10261], dummy: 'absent', api: {} })
    expect(notOk(preflightHost(hostNamed('cp-1', { role: 'cloud' }), facts, false, options))).toEqual([])
  })

  it('names a converted host whose hub was set up otherwise', () => {
    const other = { ...options, images: { ...options.images, yurthub: 'registry.example/yurthub:v0.6.1' } }
    const facts = convertedFacts(edge1, nativeFacts(), other)
    expect(notOk(preflightHost(edge1, facts, true, options))).toEqual([
      expect.objectContaining({
        name: 'HubSettings',
        hint: 'revert it first: yurt-ssh revert --limit edge-1',
      }),
    ])
  })

  it('keeps a hub that bootstrapped by token when none is asked for now', () => {
    const facts = convertedFacts(edge1, nativeFacts(), { ...options, joinToken: true })
    expect(facts.files.hubManifest.content).toContain('--join-token=********')
    expect(notOk(preflightHost(edge1, facts, true, options))).toEqual([])
  })
})

describe('ignored checks', () => {
  const { list, expect: check } = createChecks('edge-1')
  const words = { ok: 'fine', failed: 'bad', hint: 'mend it' }
  check('Ports', false, words)
  check('Disk', true, words)
  check('Iptables', false, { ...words, warning: true })
  check('KubeletFlags', false, { ...words, mandatory: true })

  it.each([
    { ignored: [], failed: ['Ports', 'KubeletFlags'] },
    { ignored: ['ports'], failed: ['KubeletFlags'] },
    { ignored: ['Disk'], failed: ['Ports', 'KubeletFlags'] },
    { ignored: ['ALL'], failed: ['KubeletFlags'] },
    { ignored: ['kubeletflags'], failed: ['Ports', 'KubeletFlags'] },
  ])('$ignored leaves $failed', ({ ignored, failed }) => {
    const checks = ignoreChecks(list, ignored)
    expect(checks.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual(failed)
  })

  it('are warnings with their hint', () => {
    expect(ignoreChecks(list, ['Ports'])[0]).toEqual({
      name: 'Ports',
      host: 'edge-1',
      status: 'warning',
      message: 'bad (ignored)',
      hint: 'mend it',
    })
  })
})
