import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import type { FactsRequest } from '../../src/node/facts-script.js'
import type { HostFacts } from '../../src/node/types.js'
import { preflightHost } from '../../src/plan/preflight-host.js'
import { hostNamed, options, release } from '../support/facts.js'
import { hostFiles } from '../support/host-files.js'
import { createShellHost, hasShell, type ShellHost, shellKinds } from '../support/shell-host.js'

const image = 'docker.io/openyurt/yurthub:v0.6.1'
const request: FactsRequest = {
  node: 'edge-1',
  images: [image],
  servers: [],
  release,
}

const hosts: ShellHost[] = []
const sockets: Server[] = []
afterAll(() => {
  for (const socket of sockets) socket.close()
  for (const made of hosts) made.remove()
})

const flags = '/var/lib/kubelet/kubeadm-flags.env'
const config = '/var/lib/kubelet/config.yaml'
const containerd = 'unix:///run/containerd/containerd.sock'

interface Runtime {
  /** Replaces kubeadm's flags, from the kubelet's next start on. */
  flags?: string
  /** More files, or other texts. */
  files?: Record<string, string>
  /** Programs of the host, as scripts; crictl is one that works. */
  programs?: Record<string, string>
  /** Sockets under /run. */
  sockets?: string[]
  stopped?: true
}

describe.concurrent.each(shellKinds.filter(hasShell))('of the container runtime, in $name', (kind) => {
  async function read(runtime: Runtime): Promise<HostFacts> {
    const changed = { ...runtime.files, ...(runtime.flags === undefined ? {} : { [flags]: runtime.flags }) }
    const edge = createShellHost(kind, [
      ...hostFiles.edge.filter(({ path }) => !(path in changed)),
      ...Object.entries(changed).map(([path, text]) => ({ path, mode: '0644', text })),
    ])
    hosts.push(edge)
    for (const [name, script] of Object.entries(runtime.programs ?? {})) {
      rmSync(`${edge.root}/.lab/bin/${name}`, { force: true })
      writeFileSync(`${edge.root}/.lab/bin/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    }
    for (const name of runtime.sockets ?? []) {
      edge.write(`/run/${name}`, '')
      rmSync(`${edge.root}/run/${name}`)
      const socket = createServer().listen(`${edge.root}/run/${name}`)
      sockets.push(socket)
      await new Promise((resolve) => socket.once('listening', resolve))
    }
    if (runtime.stopped) edge.setState('kubelet-pid', '0')
    edge.setState('registry', '000')
    return edge.facts(request)
  }

  const dockerHas = `[ "$2" != inspect ] || [ "$3" = ${image} ]`
  const fails = `echo 'WARN[0000] no configuration' >&2; echo 'FATA[0000] validate service connection' >&2; exit 1`
  const dockershim = 'KUBELET_KUBEADM_ARGS="--network-plugin=cni"\n'

  it.each<[string, Runtime, Partial<HostFacts>]>([
    [
      'a kubelet with dockershim: docker, though there is a crictl that works',
      { flags: dockershim, programs: { docker: dockerHas } },
      { engine: 'docker', imageTool: 'docker', images: [image] },
    ],
    [
      'and one that does not',
      { flags: dockershim, programs: { docker: dockerHas, crictl: fails } },
      { engine: 'docker', imageTool: 'docker', images: [image] },
    ],
    [
      'containerd with a crictl that does not reach it: ctr, at the address that the kubelet has',
      {
        flags: 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/other/containerd.sock"\n',
        programs: {
          crictl: fails,
          ctr: `[ "$1 $2 $3 $4" = '-a /run/other/containerd.sock -n k8s.io' ] && echo a && echo ${image}`,
        },
      },
      { engine: 'containerd', imageTool: 'ctr', images: [image] },
    ],
    [
      'no tool that works',
      { programs: { crictl: fails, ctr: fails } },
      {
        imageTool: 'none',
        imageToolProblem:
          'crictl: FATA[0000] validate service connection; ctr: FATA[0000] validate service connection',
      },
    ],
    [
      'cri-dockerd',
      {
        flags: 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint unix:///run/cri-dockerd.sock"\n',
        programs: { docker: dockerHas },
      },
      { engine: 'docker', imageTool: 'docker' },
    ],
    [
      'a runtime of another name: crictl',
      {
        flags: 'KUBELET_KUBEADM_ARGS=--container-runtime-endpoint=/run/isulad.sock\n',
        programs: { docker: dockerHas },
      },
      { engine: 'other', imageTool: 'crictl' },
    ],
    [
      'a stopped kubelet: by its flags file',
      { stopped: true, programs: { docker: dockerHas } },
      { engine: 'containerd', imageTool: 'crictl', runtimeEndpoint: '/run/containerd/containerd.sock' },
    ],
    [
      'a stopped kubelet: the last of its environment files counts, comments do not',
      {
        stopped: true,
        flags: 'KUBELET_KUBEADM_ARGS=--container-runtime-endpoint=/run/a.sock\n',
        files: {
          '/etc/default/kubelet': `#KUBELET_EXTRA_ARGS=--container-runtime-endpoint=/run/b.sock\nKUBELET_EXTRA_ARGS='--v=2 \\\n --container-runtime-endpoint ${containerd}'\n`,
        },
      },
      { engine: 'containerd', runtimeEndpoint: containerd },
    ],
    [
      'a stopped kubelet: by its configuration',
      {
        stopped: true,
        flags: dockershim,
        files: { [config]: `kind: KubeletConfiguration\ncontainerRuntimeEndpoint: "${containerd}"\n` },
      },
      { engine: 'containerd', runtimeEndpoint: containerd },
    ],
    [
      'neither names one: the socket that is there',
      { stopped: true, flags: dockershim, sockets: ['containerd/containerd.sock'] },
      { engine: 'containerd', runtimeEndpoint: containerd },
    ],
    [
      "neither names one: docker's before that of its containerd",
      {
        flags: dockershim,
        sockets: ['containerd/containerd.sock', 'docker.sock'],
        programs: { docker: 'exit 0' },
      },
      { engine: 'docker', imageTool: 'docker', runtimeEndpoint: '' },
    ],
    [
      'neither names one: CRI-O',
      { flags: dockershim, sockets: ['crio/crio.sock'] },
      { engine: 'crio', runtimeEndpoint: 'unix:///run/crio/crio.sock' },
    ],
  ])('%s', async (_, runtime, expected) => {
    expect(await read(runtime)).toMatchObject(expected)
  })

  const toml = '/etc/containerd/config.toml'
  const mirrors = 'plugins."io.containerd.grpc.v1.cri".registry.mirrors'
  const docker: Runtime = { flags: dockershim, programs: { docker: `[ "$2" != inspect ]` } }
  const crio: Runtime = { flags: 'KUBELET_KUBEADM_ARGS=--container-runtime-endpoint=/run/crio/crio.sock\n' }

  it.each<[string, string, string, Runtime?]>([
    ['hosts.toml', '/etc/containerd/certs.d/docker.io/hosts.toml', '[host."https://mirror.example:5000"]\n'],
    [
      'hosts.toml for all',
      '/etc/containerd/certs.d/_default/hosts.toml',
      '[host."https://mirror.example:5000"]\n',
    ],
    [
      'mirrors of old',
      toml,
      `[${mirrors}]\n  [${mirrors}."docker.io"]\n    endpoint = [\n      "https://mirror.example",\n    ]\n`,
    ],
    [
      'mirrors of any registry',
      toml,
      `[plugins.cri.registry.mirrors."*"]\nendpoint = ["http://192.0.2.7:5000"]\n`,
    ],
    [
      'mirrors on one line',
      toml,
      `[plugins.cri.registry.mirrors]\n"docker.io" = { endpoint = ["https://mirror.example"] }\n`,
    ],
    [
      'an imported file',
      '/etc/containerd/conf.d/mirror.toml',
      `[${mirrors}."docker.io"]\nendpoint = ["https://mirror.example", "https://registry-1.docker.io"]\n`,
    ],
    [
      'a proxy of containerd',
      '/etc/systemd/system/containerd.service.d/http-proxy.conf',
      '[Service]\nEnvironment="HTTPS_PROXY=http://user:pw@192.0.2.8:3128"\n',
    ],
    [
      "docker's mirrors",
      '/etc/docker/daemon.json',
      '{\n  "registry-mirrors": [\n    "https://mirror.example"\n  ]\n}\n',
      docker,
    ],
    [
      "docker's mirrors, as flags",
      '/etc/sysconfig/docker',
      "OPTIONS='--selinux-enabled --registry-mirror=https://mirror.example'\n",
      docker,
    ],
    [
      "docker's proxy",
      '/etc/docker/daemon.json',
      '{"proxies": {"https-proxy": "http://192.0.2.8:3128"}}\n',
      docker,
    ],
    [
      "CRI-O's mirrors",
      '/etc/containers/registries.conf',
      '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "mirror.example/docker"\n',
      crio,
    ],
    [
      "CRI-O's other place",
      '/etc/containers/registries.conf.d/01.conf',
      '[[registry]]\nprefix = "docker.io/openyurt"\nlocation = "mirror.example/openyurt"\n',
      crio,
    ],
  ])('an image that may come from elsewhere: %s', async (_, path, text, runtime = {}) => {
    const facts = await read({ ...runtime, files: { [path]: text } })
    expect(facts.mirrors).toEqual({ [image]: path })
    const check = preflightHost(hostNamed('edge-1'), facts, true, options).find(
      ({ name }) => name === 'Image',
    )
    expect(check).toMatchObject({
      status: 'warning',
      message: `has no ${image} and does not reach the registry directly; the runtime may have a mirror or a proxy (${path})`,
    })
    expect(JSON.stringify(facts)).not.toMatch(/mirror\.example|user:pw/)
  })

  it.each<[string, string, string, Runtime?]>([
    [
      "containerd's default configuration",
      toml,
      `[${mirrors}]\n  [${mirrors}."docker.io"]\n    endpoint = ["https://registry-1.docker.io"]\n[plugins.x]\npath = "unix://x"\n`,
    ],
    ['that of another registry', toml, `[${mirrors}."quay.io"]\nendpoint = ["https://mirror.example"]\n`],
    [
      'hosts.toml of another registry',
      '/etc/containerd/certs.d/quay.io/hosts.toml',
      '[host."https://mirror.example"]\n',
    ],
    [
      'no mirrors',
      '/etc/docker/daemon.json',
      '{ "registry-mirrors": [], "insecure-registries": ["a"] }\n',
      docker,
    ],
    ['a comment', '/etc/sysconfig/docker', '# OPTIONS=--registry-mirror=https://mirror.example\n', docker],
    [
      'what a registry is blocked by',
      '/etc/containers/registries.conf',
      'unqualified-search-registries = ["docker.io"]\n[[registry]]\nlocation = "docker.io"\nblocked = true\n',
      crio,
    ],
    [
      'no proxy',
      '/etc/systemd/system/containerd.service.d/proxy.conf',
      '[Service]\nEnvironment="NO_PROXY=10.0.0.0/8" "HTTPS_PROXY="\n',
    ],
  ])('an image that nobody else has: %s', async (_, path, text, runtime = {}) => {
    const facts = await read({ ...runtime, files: { [path]: text } })
    expect(facts.mirrors).toEqual({})
    expect(preflightHost(hostNamed('edge-1'), facts, true, options)).toContainEqual(
      expect.objectContaining({ name: 'Image', status: 'failed' }),
    )
  })
})
