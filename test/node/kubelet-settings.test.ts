import { describe, expect, it } from 'vitest'
import { nodeNameOverride, staticPodPath } from '../../src/node/kubelet-settings.js'

describe('what the running kubelet uses', () => {
  it.each([
    [
      'kind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\n',
      [],
      '/etc/kubernetes/manifests',
    ],
    ['staticPodPath: "/data/manifests/"\n', [], '/data/manifests'],
    ['{"staticPodPath": "manifests"}', ['--config=/etc/kubelet/config.yaml'], '/etc/kubelet/manifests'],
    ['staticPodPath: /a\n', ['--pod-manifest-path=/b'], '/b'],
    ['staticPodPath: ""\n', [], undefined],
    ['kind: KubeletConfiguration\n', ['--pod-manifest-path='], undefined],
    [undefined, [], undefined],
    [undefined, ['--pod-manifest-path', '/b'], '/b'],
  ])('static pods: %j %j', (config, words, path) => expect(staticPodPath(config, words)).toBe(path))

  it('refuses a configuration that is no YAML', () => {
    expect(() => staticPodPath('a: [', [])).toThrow(expect.objectContaining({ code: 'NODE_KUBELET_CONFIG' }))
  })

  it.each([
    [['--hostname-override=Edge-1 '], 'edge-1'],
    [['--hostname-override='], undefined],
    [[], undefined],
  ])('node name: %j', (words, name) => expect(nodeNameOverride(words)).toBe(name))
})
