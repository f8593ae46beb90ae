import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  type HubOptions,
  maskToken,
  renderBootstrapConfig,
  renderHubManifest,
  tokenPlaceholder,
} from '../../src/node/hub.js'
import { readKubeconfig } from '../../src/node/kubeconfig.js'
import { findRelease } from '../../src/releases/release.js'

const { hub } = findRelease('v0.6.1')

const given: HubOptions = {
  image: 'docker.io/openyurt/yurthub:v0.6.1',
  mode: 'edge',
  serverAddr: 'https://192.0.2.1:6443',
  hubArgs: [],
}

interface Manifest {
  spec: {
    hostNetwork: boolean
    terminationGracePeriodSeconds: number
    containers: { image: string; command: string[]; volumeMounts: { name: string; mountPath: string }[] }[]
    volumes: { name: string; hostPath: { path: string } }[]
  }
}

const manifest = (options: Partial<HubOptions> = {}): Manifest =>
  parse(renderHubManifest({ ...given, ...options }, hub)) as Manifest
const command = (options: Partial<HubOptions> = {}): string[] =>
  manifest(options).spec.containers[0]?.command ?? []

describe("the hub's manifest", () => {
  it('is a static pod on the host network that goes within ten seconds', () => {
    expect(manifest()).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'yurt-hub', namespace: 'kube-system' },
      spec: { hostNetwork: true, terminationGracePeriodSeconds: 10, containers: [{ image: given.image }] },
    })
  })

  it('has flags that v0.6.1 knows, and no token without need', () => {
    expect(command()).toEqual([
      'yurthub',
      '--v=2',
      '--server-addr=https://192.0.2.1:6443',
      '--node-name=$(NODE_NAME)',
      '--working-mode=edge',
    ])
  })

  it("has the operator's own arguments last, as they are", () => {
    const odd = ['--a="b"', "--c='d'", '--e=x: y # z', '--f=$(NODE_NAME)', '--g=\\n']
    expect(command({ mode: 'cloud', joinToken: tokenPlaceholder, hubArgs: odd })).toEqual([
      'yurthub',
      '--v=2',
      '--server-addr=https://192.0.2.1:6443',
      '--node-name=$(NODE_NAME)',
      '--working-mode=cloud',
      '--join-token={{token}}',
      ...odd,
    ])
  })

  it('mounts each of its volumes where the hub looks for it', () => {
    const { volumes, containers } = manifest().spec
    const paths = new Map(volumes.map(({ name, hostPath }) => [name, hostPath.path]))
    for (const { name, mountPath } of containers[0]?.volumeMounts ?? [])
      expect(paths.get(name)).toBe(mountPath)
    expect([...paths.values()].sort()).toEqual([
      '/etc/kubernetes',
      '/var/lib/kubelet/pki',
      '/var/lib/yurthub',
    ])
  })
})

describe('a token', () => {
  const token = 'abcdef.0123456789abcdef'

  it.each([
    [`- --join-token=${token}\n`],
    [`- "--join-token=${token}"\n`],
    [`- '--join-token ${token}'\n`],
    [`[yurthub, --join-token=${token}, --v=2]\n`],
    [renderHubManifest({ ...given, joinToken: token }, hub)],
  ])('is masked in %j', (text) => {
    expect(maskToken(text)).not.toContain(token)
    expect(maskToken(text)).toContain('********')
    expect(maskToken(maskToken(text))).toBe(maskToken(text))
  })

  it('is masked wherever it stands, and nothing else', () => {
    const text = `a --join-token=${token} b\n--join-token=x.y\n# the join-token\n`
    expect(maskToken(text)).toBe('a --join-token=******** b\n--join-token=********\n# the join-token\n')
  })
})

describe('the bootstrap config', () => {
  const ca = '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n'

  it('names the first server, the CA, and no credential', () => {
    const text = renderBootstrapConfig('https://192.0.2.1:6443,https://192.0.2.2:6443', ca)
    expect(readKubeconfig(text)).toEqual({
      currentContext: 'yurt-ssh',
      server: 'https://192.0.2.1:6443',
      certificateAuthorityData: Buffer.from(ca).toString('base64'),
    })
    expect(parse(text)).toMatchObject({
      clusters: [{ name: 'kubernetes' }],
      users: [{ name: 'token-bootstrap-client', user: {} }],
    })
  })
})
