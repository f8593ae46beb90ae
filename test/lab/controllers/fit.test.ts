import { expect, it } from 'vitest'
import { chooseNode, misfit } from '../../../src/lab/cluster/fit.js'
import type { Node, Pod, PodSpec, Taint } from '../../../src/lab/cluster/objects.js'

const node = (name: string, labels: Record<string, string> = {}, spec: Node['spec'] = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  spec,
})
const pod = (spec: PodSpec): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec })
const term = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
})
const required = (...nodeSelectorTerms: object[]): PodSpec => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
})
const edge = { role: 'edge', disk: '7' }
const master: Taint = { key: 'master', effect: 'NoSchedule' }

it.each<[string, PodSpec, Node['spec'], boolean]>([
  ['nothing asked', {}, {}, true],
  ['selector met', { nodeSelector: { role: 'edge' } }, {}, true],
  ['selector not met', { nodeSelector: { role: 'edge', arch: 'arm' } }, {}, false],
  ['In', required(term('role', 'In', 'cloud', 'edge')), {}, true],
  ['not In', required(term('role', 'In', 'cloud')), {}, false],
  ['In, without the label', required(term('zone', 'In', 'a')), {}, false],
  ['NotIn, without the label', required(term('zone', 'NotIn', 'a')), {}, true],
  ['one term of two', required(term('zone', 'Exists'), term('role', 'Exists')), {}, true],
  ['DoesNotExist', required(term('role', 'DoesNotExist')), {}, false],
  ['Gt', required(term('disk', 'Gt', '6')), {}, true],
  ['Lt', required(term('disk', 'Lt', '7')), {}, false],
  ['a taint', {}, { taints: [master] }, false],
  ['a taint that only prefers', {}, { taints: [{ ...master, effect: 'PreferNoSchedule' }] }, true],
  ['tolerated by key', { tolerations: [{ key: 'master', operator: 'Exists' }] }, { taints: [master] }, true],
  [
    'tolerated by another effect',
    { tolerations: [{ key: 'master', operator: 'Exists', effect: 'NoExecute' }] },
    { taints: [master] },
    false,
  ],
  [
    'tolerated by another value',
    { tolerations: [{ key: 'master', value: 'x' }] },
    { taints: [master] },
    false,
  ],
  [
    'everything tolerated',
    { tolerations: [{ operator: 'Exists' }] },
    { taints: [master], unschedulable: true },
    true,
  ],
  ['cordoned', {}, { unschedulable: true }, false],
])('a node fits: %s', (_, spec, nodeSpec, fits) => {
  expect(misfit(spec, node('n', edge, nodeSpec)) === null).toBe(fits)
})

it('takes the preferred node, then the emptiest, then the first', () => {
  const nodes = [node('c'), node('b', { fast: '' }), node('a')]
  const preferred = [{ weight: 1, preference: term('fast', 'Exists') }]
  const picky = { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }
  expect(chooseNode(pod(picky), nodes, [])).toEqual({ node: 'b' })
  expect(chooseNode(pod({}), nodes, [])).toEqual({ node: 'a' })
  expect(chooseNode(pod({}), nodes, [pod({ nodeName: 'a' })])).toEqual({ node: 'b' })
})

it('counts the reasons why there is none', () => {
  const nodes = [node('a', {}, { taints: [master] }), node('b'), node('c')]
  expect(chooseNode(pod({ nodeSelector: { role: 'edge' } }), nodes.slice(1), [])).toEqual({
    unschedulable: "0/2 nodes are available: 2 node(s) didn't match node selector.",
  })
  expect(chooseNode(pod({}), nodes.slice(0, 1), [])).toEqual({
    unschedulable: "0/1 nodes are available: 1 node(s) had taint {master: }, that the pod didn't tolerate.",
  })
  expect(chooseNode(pod({}), [], [])).toEqual({ unschedulable: 'no nodes available to schedule pods' })
})
