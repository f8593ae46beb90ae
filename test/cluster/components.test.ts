import { describe, expect, it } from 'vitest'
import { type ComponentOptions, components, isLeftover, removalOrder } from '../../src/cluster/components.js'
import { isOurs } from '../../src/cluster/ownership.js'
import { type KubeObject, refKey, refOf } from '../../src/cluster/types.js'
import { findRelease } from '../../src/releases/release.js'

const release = findRelease('v0.6.1')
const options: ComponentOptions = {
  release,
  images: release.images,
  deployTunnel: true,
  tunnelServerAddress: '198.51.100.7:31008',
  enableAppManager: true,
  apiVersions: ['apiextensions.k8s.io/v1', 'admissionregistration.k8s.io/v1'],
  controlPlaneWithoutHub: true,
}
const objects = (given: Partial<ComponentOptions> = {}) =>
  components({ ...options, ...given }).flatMap((part) => part.objects)
const named = (kind: string, name: string, given: Partial<ComponentOptions> = {}) => {
  const found = objects(given).find((object) => object.kind === kind && object.metadata.name === name)
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

interface Workload {
  spec: {
    strategy: { type: string }
    selector: { matchLabels: Record<string, string> }
    template: {
      metadata: { labels: Record<string, string> }
      spec: {
        serviceAccountName?: string
        hostNetwork?: boolean
        nodeSelector?: Record<string, string>
        affinity?: { nodeAffinity: Record<string, unknown> }
        containers: { image: string; args?: string[]; imagePullPolicy: string }[]
      }
    }
  }
}
const workload = (kind: string, name: string, given: Partial<ComponentOptions> = {}) =>
  named(kind, name, given) as unknown as Workload
const pod = (kind: string, name: string, given: Partial<ComponentOptions> = {}) =>
  workload(kind, name, given).spec.template.spec

describe.each([
  ['new API versions', options.apiVersions],
  ['old API versions', []],
])('every object, with %s', (_, apiVersions) => {
  it.each(objects({ apiVersions }).map((object) => [refKey(refOf(object)), object] as const))(
    '%s',
    (_, object) => {
      expect(object.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
      expect(isOurs(object)).toBe(true)
      expect(JSON.stringify(object)).not.toMatch(/\{\{\w|:null|undefined|\[object/)
    },
  )
})

it('has every object once', () => {
  const keys = objects().map((object) => refKey(refOf(object)))
  expect(new Set(keys).size).toBe(keys.length)
})

it('deploys only what is asked for', () => {
  const names = (given: Partial<ComponentOptions>) =>
    components({ ...options, ...given }).map((part) => part.name)
  expect(names({ deployTunnel: false, enableAppManager: false })).toEqual([
    'yurt-controller-manager',
    'yurt-hub',
  ])
  expect(names({})).toEqual([
    'yurt-controller-manager',
    'yurt-hub',
    'yurt-tunnel-server',
    'yurt-tunnel-agent',
    'yurt-app-manager',
  ])
})

describe('workloads', () => {
  const list = objects().filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet')

  it.each(list.map(({ kind, metadata }) => [kind, metadata.name] as const))('%s %s', (kind, name) => {
    const { selector, template } = workload(kind, name).spec
    expect(template.metadata.labels).toMatchObject(selector.matchLabels)
    const { serviceAccountName, containers } = template.spec
    if (serviceAccountName !== undefined) expect(named('ServiceAccount', serviceAccountName)).toBeDefined()
    expect(Object.values(release.images)).toContain(containers[0]?.image)
    expect(containers[0]?.imagePullPolicy).toBe('IfNotPresent')
  })

  it('gives tunnel agents an account: the real one exits where its folder holds no CA', () => {
    expect(pod('DaemonSet', 'yurt-tunnel-agent')).toMatchObject({
      serviceAccountName: 'yurt-tunnel-agent',
      automountServiceAccountToken: true,
    })
  })

  it('keeps the controller manager off edge nodes', () => {
    const { affinity, hostNetwork } = pod('Deployment', 'yurt-controller-manager')
    expect(affinity?.nodeAffinity).toMatchObject({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'openyurt.io/is-edge-worker', operator: 'In', values: ['false'] }] },
        ],
      },
    })
    expect(hostNetwork).toBe(true)
    expect(workload('Deployment', 'yurt-controller-manager').spec.strategy.type).toBe('Recreate')
  })

  it.each([true, false])(
    'prefers control-plane nodes while they reach the API without a hub: %s',
    (controlPlaneWithoutHub) => {
      const { affinity } = pod('Deployment', 'yurt-controller-manager', { controlPlaneWithoutHub })
      expect('preferredDuringSchedulingIgnoredDuringExecution' in (affinity?.nodeAffinity ?? {})).toBe(
        controlPlaneWithoutHub,
      )
    },
  )

  it.each([
    ['198.51.100.7:31008', '--cert-ips=198.51.100.7'],
    ['[2001:db8::1]:31008', '--cert-ips=2001:db8::1'],
    ['tunnel.example:31008', '--cert-dns-names=tunnel.example'],
  ])('puts %s into the certificate of the tunnel server and the arguments of agents', (address, flag) => {
    expect(
      pod('Deployment', 'yurt-tunnel-server', { tunnelServerAddress: address }).containers[0]?.args,
    ).toContain(flag)
    const agent = pod('DaemonSet', 'yurt-tunnel-agent', { tunnelServerAddress: address })
    expect(agent.containers[0]?.args).toContain(`--tunnelserver-addr=${address}`)
    expect(agent.nodeSelector).toMatchObject({ 'openyurt.io/is-edge-worker': 'true' })
  })

  it('selects an architecture only when asked', () => {
    expect(pod('Deployment', 'yurt-app-manager').nodeSelector).not.toHaveProperty('kubernetes.io/arch')
    expect(pod('Deployment', 'yurt-app-manager', { arch: 'arm64' }).nodeSelector).toMatchObject({
      'kubernetes.io/arch': 'arm64',
    })
  })
})

describe('permissions', () => {
  interface Rule {
    resources: string[]
    resourceNames?: string[]
    verbs: string[]
  }
  const rules = (object: KubeObject) => (object as unknown as { rules: Rule[] }).rules

  it('gives none without end', () => {
    for (const object of objects().filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')) {
      for (const rule of rules(object)) expect([...rule.verbs, ...rule.resources]).not.toContain('*')
    }
  })

  it('lets the app manager write one Secret and no other', () => {
    const writes = (object: KubeObject) =>
      rules(object).filter(
        ({ resources, verbs }) =>
          resources.includes('secrets') && verbs.some((verb) => !/get|list|watch/.test(verb)),
      )
    expect(writes(named('ClusterRole', 'yurt-app-manager-role'))).toEqual([])
    expect(writes(named('Role', 'yurt-app-leader-election-role')).map((rule) => rule.resourceNames)).toEqual([
      ['yurt-app-webhook-certs'],
    ])
  })

  it('binds roles and accounts that exist, never the default account', () => {
    for (const object of objects().filter(({ kind }) => kind.endsWith('Binding'))) {
      const { roleRef, subjects } = object as unknown as {
        roleRef: { kind: string; name: string }
        subjects: { kind: string; name: string }[]
      }
      expect(named(roleRef.kind, roleRef.name)).toBeDefined()
      for (const { kind, name } of subjects)
        if (kind === 'ServiceAccount') expect(named(kind, name)).toBeDefined()
    }
  })
})

describe('app manager', () => {
  it.each([
    [options.apiVersions, 'apiextensions.k8s.io/v1', 'admissionregistration.k8s.io/v1'],
    [[], 'apiextensions.k8s.io/v1beta1', 'admissionregistration.k8s.io/v1beta1'],
  ])('uses the versions that the server has: %s', (apiVersions, crd, webhooks) => {
    expect(named('CustomResourceDefinition', 'nodepools.apps.openyurt.io', { apiVersions }).apiVersion).toBe(
      crd,
    )
    expect(
      named('MutatingWebhookConfiguration', 'yurt-app-mutating-webhook-configuration', { apiVersions })
        .apiVersion,
    ).toBe(webhooks)
  })

  it('leaves the CA of its webhooks to the manager', () => {
    expect(
      JSON.stringify(named('ValidatingWebhookConfiguration', 'yurt-app-validating-webhook-configuration')),
    ).not.toContain('caBundle')
  })
})

describe('removal', () => {
  const order = removalOrder(components(options)).map((ref) => `${ref.kind}/${ref.name}`)

  it.each([
    [
      'ValidatingWebhookConfiguration/yurt-app-validating-webhook-configuration',
      'Deployment/yurt-app-manager',
    ],
    ['Deployment/yurt-app-manager', 'CustomResourceDefinition/nodepools.apps.openyurt.io'],
    ['Deployment/yurt-controller-manager', 'ServiceAccount/yurt-controller-manager'],
    ['Deployment/yurt-controller-manager', 'Lease/yurt-controller-manager'],
    ['DaemonSet/yurt-tunnel-agent', 'Deployment/yurt-tunnel-server'],
  ])('%s goes before %s', (first, second) => {
    expect(order.indexOf(first)).toBeGreaterThanOrEqual(0)
    expect(order.indexOf(first)).toBeLessThan(order.indexOf(second))
  })

  it('knows what components make themselves', () => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system' }
    expect(isLeftover({ ...lease, name: 'yurt-controller-manager' })).toBe(true)
    expect(isLeftover({ ...lease, name: 'kube-controller-manager' })).toBe(false)
  })
})
