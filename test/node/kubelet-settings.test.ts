import { describe, expect, it } from 'vitest'
import {
  configPath,
  containerRuntime,
  nodeNameOverride,
  originalKubeconfigPath,
  staticPodPath,
} from '../../src/node/kubelet-settings.js'

describe('what the running kubelet uses', () => {
  it.each([
    [['--kubeconfig=/etc/kubernetes/kubelet.conf'], '/etc/kubernetes/kubelet.conf'],
    [['--kubeconfig', '/a', '--kubeconfig=/var/lib/openyurt/kubelet.conf'], '/a'],
    [['--kubeconfig=/a', '--kubeconfig=/b', '--kubeconfig='], '/b'],
    [['--kubeconfig=/var/lib/openyurt/kubelet.conf'], undefined],
  ])('kubeconfig without us: %j', (words, path) => expect(originalKubeconfigPath(words)).toBe(path))

  it.each([
    [[], '/var/lib/kubelet/config.yaml'],
    [['--config=/etc/kubelet.yaml'], '/etc/kubelet.yaml'],
  ])('configuration: %j', (words, path) => expect(configPath(words)).toBe(path))

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

  it.each([
    [undefined, ['--network-plugin=cni'], 'docker', '/var/run/docker.sock'],
    [undefined, ['--docker-endpoint=unix:///data/docker.sock'], 'docker', '/data/docker.sock'],
    [
      undefined,
      ['--container-runtime=docker', '--container-runtime-endpoint=/run/containerd/containerd.sock'],
      'docker',
      '/var/run/docker.sock',
    ],
    [
      undefined,
      ['--container-runtime-endpoint=unix:///var/run/cri-dockerd.sock'],
      'docker',
      '/var/run/docker.sock',
    ],
    [
      undefined,
      ['--container-runtime=remote', '--container-runtime-endpoint=/run/containerd/containerd.sock'],
      'containerd',
      '/run/containerd/containerd.sock',
    ],
    [
      undefined,
      ['--container-runtime-endpoint=unix:///var/run/crio/crio.sock'],
      'crio',
      '/var/run/crio/crio.sock',
    ],
    [
      'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n',
      [],
      'containerd',
      '/run/containerd/containerd.sock',
    ],
    ['containerRuntimeEndpoint: ""\n', [], 'docker', '/var/run/docker.sock'],
  ])('runtime: %j %j', (config, words, engine, socket) =>
    expect(containerRuntime(config, words)).toEqual({ engine, socket }),
  )

  it('refuses a runtime it does not know', () => {
    expect(() =>
      containerRuntime(undefined, ['--container-runtime-endpoint=unix:///run/frakti.sock']),
    ).toThrow(expect.objectContaining({ code: 'NODE_RUNTIME_UNKNOWN' }))
  })
})
