import { afterAll, describe, expect, it } from 'vitest'
import { type FactsRequest, factsScript } from '../../src/node/facts-script.js'
import type { HostFacts } from '../../src/node/types.js'
import type { Check } from '../../src/plan/checks.js'
import { preflightHost } from '../../src/plan/preflight-host.js'
import { qualifiedImage } from '../../src/releases/release.js'
import { hostNamed, options, release } from '../support/facts.js'
import { hostFiles } from '../support/host-files.js'
import { createShellHost, hasShell, type ShellHost, shellKinds } from '../support/shell-host.js'

const image = qualifiedImage(release.images.yurthub)
const request: FactsRequest = {
  node: 'edge-1',
  images: [image],
  servers: [],
  release,
}

const hosts: ShellHost[] = []
afterAll(() => {
  for (const made of hosts) made.remove()
})

const flags = '/var/lib/kubelet/kubeadm-flags.env'
const config = '/var/lib/kubelet/config.yaml'
const extra = '/etc/default/kubelet'
const dropIn = '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf'
const canary = 'c4n4ry-of-a-secret'

interface Kubelet {
  /** More files, or other texts. */
  files: Record<string, string>
  /** As systemctl shows them. */
  environmentFiles?: string
  stopped?: true
  commandLine?: string[]
}

const startedWith = (words: string): string =>
  `[Service]\nEnvironment="KUBELET_CONFIG_ARGS=--config=${config}"\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_CONFIG_ARGS ${words}\n`

describe.concurrent.each(shellKinds.filter(hasShell))('what the kubelet will run with, in $name', (kind) => {
  function host({ files, environmentFiles, stopped, commandLine }: Kubelet): ShellHost {
    const edge = createShellHost(kind, [
      ...hostFiles.edge.filter(({ path }) => !(path in files)),
      ...Object.entries(files).map(([path, text]) => ({ path, mode: '0644', text })),
    ])
    hosts.push(edge)
    edge.setState('images', image)
    if (environmentFiles !== undefined) edge.setState('environment-files', environmentFiles)
    if (commandLine !== undefined)
      edge.write(
        `/proc/${edge.state('kubelet-pid')}/cmdline`,
        commandLine.map((word) => `${word}\0`).join(''),
      )
    if (stopped) edge.setState('kubelet-pid', '0')
    return edge
  }

  const preflight = (facts: HostFacts): Check[] => preflightHost(hostNamed('edge-1'), facts, true, options)
  const check = (facts: HostFacts, named: string): Check | undefined =>
    preflight(facts).find(({ name }) => name === named)

  const known = '--kubeconfig=/etc/kubernetes/kubelet.conf'
  it.each<[string, Kubelet, string]>([
    [
      'on a continued line',
      { files: { [extra]: `KUBELET_EXTRA_ARGS="--v=2 \\\n  ${known}"\n` } },
      'KUBELET_EXTRA_ARGS',
    ],
    [
      'on the third line, without quotes',
      { files: { [extra]: `# mine\n\nKUBELET_EXTRA_ARGS=--v=2 \\\n--cgroup-driver=systemd \\\n${known}` } },
      'KUBELET_EXTRA_ARGS',
    ],
    [
      'in quotes over lines',
      { files: { [extra]: `KUBELET_EXTRA_ARGS='--v=2\n--cgroup-driver=systemd\n\n${known}\n'\nA=b\n` } },
      'KUBELET_EXTRA_ARGS',
    ],
    [
      'beside other quotes',
      { files: { [extra]: `KUBELET_EXTRA_ARGS="--v=2 "'\n${known}'\n` } },
      'KUBELET_EXTRA_ARGS',
    ],
    [
      'the second time that it is set',
      { files: { [extra]: `KUBELET_EXTRA_ARGS=--v=2\n  KUBELET_EXTRA_ARGS = "${known}"\n` } },
      'KUBELET_EXTRA_ARGS',
    ],
    [
      'in a file that a pattern names',
      {
        files: {
          '/etc/kubelet.d/a.env': 'KUBELET_EXTRA_ARGS=\n',
          '/etc/kubelet.d/b.env': `KUBELET_EXTRA_ARGS=${known}\n`,
        },
        environmentFiles: `${flags} /etc/kubelet.d/*.env`,
      },
      'KUBELET_EXTRA_ARGS',
    ],
    [
      'in a variable of another name',
      {
        files: {
          [dropIn]: startedWith('$KUBELET_KUBEADM_ARGS $DAEMON_ARGS'),
          [extra]: `DAEMON_ARGS="--v=2 \\\n${known}"\n`,
        },
      },
      'DAEMON_ARGS',
    ],
    [
      "in kubeadm's own file",
      { files: { [flags]: `KUBELET_KUBEADM_ARGS="--v=2"\nKUBELET_EXTRA_ARGS=${known}\n` } },
      'KUBELET_EXTRA_ARGS',
    ],
  ])('a --kubeconfig of its own %s is refused', async (_, kubelet, variable) => {
    expect(check(await host(kubelet).facts(request), 'KubeletUnit')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`${variable} sets --kubeconfig after`),
    })
  })

  it.each<[string, Kubelet]>([
    [
      'that a later file takes back',
      {
        files: {
          [flags]: `KUBELET_KUBEADM_ARGS=""\nKUBELET_EXTRA_ARGS=${known}\n`,
          [extra]: 'KUBELET_EXTRA_ARGS=--v=2\n',
        },
      },
    ],
    ['in a comment', { files: { [extra]: `#KUBELET_EXTRA_ARGS=${known}\nKUBELET_EXTRA_ARGS=--v=2\n` } }],
    ['in a variable that nothing uses', { files: { [extra]: `DAEMON_ARGS=${known}\n` } }],
    ['behind the value', { files: { [extra]: `KUBELET_EXTRA_ARGS="--v=2"\n${known}\n` } }],
  ])('a --kubeconfig %s is none', async (_, kubelet) => {
    expect(check(await host(kubelet).facts(request), 'KubeletUnit')).toMatchObject({ status: 'ok' })
  })

  it('lets out what the unit uses, to the end of its value, and nothing else', async () => {
    const lines = [
      'KUBELET_EXTRA_ARGS="--v=2 \\',
      '  --cgroup-driver=systemd"',
      '',
      `HTTP_PROXY=http://u:${canary}@192.0.2.8`,
    ]
    const open = [
      `TOKEN=${canary}`,
      "KUBELET_MORE='--v=3",
      `export SECRET=${canary}`,
      `# ${canary}`,
      'KUBELET_LAST=a',
      canary,
    ]
    const edge = host({ files: { [extra]: [...lines, ...open].join('\n') } })
    const session = edge.connect()
    const { stdout } = await session.run(factsScript(request), { timeoutSeconds: 30 })
    session.close()
    expect(stdout).not.toContain(canary)
    expect((await edge.facts(request)).kubelet.extraEnvironment).toBe(
      `${[lines[0], lines[1], open[1], open[4]].join('\n')}\n`,
    )
  })

  it('a main process that is not the kubelet is named', async () => {
    const wrapper = ['/bin/bash', '/usr/local/bin/kubelet-wrapper', `--config=${config}`]
    expect(
      check(await host({ files: {}, commandLine: wrapper }).facts(request), 'KubeletUnit'),
    ).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('is /bin/bash /usr/local/bin/kubelet-wrapper, not the kubelet'),
    })
  })

  it.each([['/usr/local/bin/kubelet-1.20'], ['/hyperkube', 'kubelet'], ['kubelet']])(
    'a main process that is: %s',
    async (...program) => {
      const found = await host({ files: {}, commandLine: [...program, `--config=${config}`] }).facts(request)
      expect(check(found, 'KubeletUnit')).toMatchObject({ status: 'ok' })
    },
  )

  it('a stopped kubelet is known by its unit and its environment files', async () => {
    const found = await host({
      stopped: true,
      files: {
        [extra]: 'KUBELET_EXTRA_ARGS="--hostname-override=Edge-1 \\\n --config /srv/kubelet.json"\n',
        '/proc/sys/kernel/hostname': 'other\n',
        '/srv/kubelet.json': '{ "kind": "KubeletConfiguration",\n  "staticPodPath": "/srv/pods" }\n',
      },
    }).facts(request)
    expect(found).toMatchObject({ kubelet: { mainPid: 0, commandLine: [] }, staticPodPath: '/srv/pods' })
    expect(preflight({ ...found, uid: 0 }).filter(({ status }) => status === 'failed')).toEqual([
      expect.objectContaining({ name: 'KubeletRunning' }),
    ])
  })

  const kindLine = 'kind: KubeletConfiguration\n'
  it.each<[string, string, string?]>([
    ['a key that is repeated', `${kindLine}staticPodPath: /etc/kubelet.d\nstaticPodPath: /srv/pods\n`],
    [
      'a second document',
      `${kindLine}staticPodPath: /srv/pods\n---\nkind: KubeProxyConfiguration\nstaticPodPath: /other\n`,
    ],
    [
      'a first line of dashes',
      `# kubeadm\n---\n${kindLine}staticPodPath: /srv/pods\n--- # next\nstaticPodPath: /other\n`,
    ],
    ['a broken second document', `${kindLine}staticPodPath: /srv/pods\n---\na: [\n`],
    ['JSON on one line', '{"kind":"KubeletConfiguration","staticPodPath":"/srv/pods","port":10250}'],
    ['JSON of many lines', '{\n  "kind": "KubeletConfiguration",\n  "staticPodPath": "/srv/pods"\n}\n'],
    ['flow style', '{ kind: KubeletConfiguration, staticPodPath: /srv/pods }\n'],
    [
      'a comment and a quoted key',
      `# staticPodPath: /other\n${kindLine}'staticPodPath': '/srv/pods' # here\n`,
    ],
    ['a relative folder', `${kindLine}staticPodPath: ./pods\n`, '/var/lib/kubelet/pods'],
  ])('a configuration with %s is read as the kubelet reads it', async (_, text, folder = '/srv/pods') => {
    const found = await host({ files: { [config]: text } }).facts(request)
    expect(check(found, 'StaticPods')).toMatchObject({ status: 'ok', message: `static pods from ${folder}` })
  })
})
