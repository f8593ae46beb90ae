import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { readHost } from '../../src/commands/host-facts.js'
import { type FactsRequest, factsScript } from '../../src/node/facts-script.js'
import { readKubeletUnit } from '../../src/node/kubelet-unit.js'
import type { HostFacts } from '../../src/node/types.js'
import { hubTransaction } from '../../src/plan/host-convert.js'
import { preflightHost } from '../../src/plan/preflight-host.js'
import { runTransaction } from '../../src/rollout/transaction.js'
import { hostNamed, nativeFacts, options, release } from '../support/facts.js'
import { type HostFile, hostFiles } from '../support/host-files.js'
import { createShellHost, hasShell, type ShellHost, shellKinds } from '../support/shell-host.js'

const { kubeconfig } = release.hub
const image = 'docker.io/openyurt/yurthub:v0.6.1'
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

describe.concurrent.each(shellKinds.filter(hasShell))('the facts script in $name', (kind) => {
  function host(files: readonly HostFile[] = hostFiles.edge): ShellHost {
    const made = createShellHost(kind, files)
    hosts.push(made)
    return made
  }

  const changed = (path: string, change: Partial<HostFile>): HostFile[] => [
    ...hostFiles.edge.filter((file) => file.path !== path),
    { path, mode: '0644', ...change },
  ]

  it('takes a lock that a power cut left empty for that of the run that began last', async () => {
    const edge = host()
    edge.write('/var/lib/yurt-ssh/lock', '')
    for (const run of ['20260102t030405-aaaa-hub', '20260102t030406-aaaa-hub'])
      edge.write(`/var/lib/yurt-ssh/runs/${run}/journal`, `begin ${run} convert\n`)
    expect((await edge.facts(request)).state.lock).toBe('20260102t030406-aaaa-hub')
  })

  it('finds a native worker, whose preflight passes', async () => {
    const found = await host().facts(request)
    const { kubelet, files, ...machine } = found
    const expected = nativeFacts()
    const owner = { uid: process.getuid?.(), gid: process.getgid?.() }
    expect(machine).toMatchObject({
      hostname: 'edge-1',
      missingTools: [],
      staticPodPath: '/etc/kubernetes/manifests',
    })
    expect(kubelet.commandLine).toEqual(expected.kubelet.commandLine)
    expect(files).toMatchObject({
      flags: { ...expected.files.flags, ...owner },
      ca: { ...expected.files.ca, ...owner },
      clientPem: { state: 'link' },
      ourKubeconfig: { state: 'absent', path: kubeconfig },
    })
    // whoever runs this stands in for root
    const failed = preflightHost(hostNamed('edge-1'), { ...found, uid: 0 }, true, options).filter(
      ({ status }) => status === 'failed',
    )
    expect(failed).toEqual([])
  })

  it.each([219, 230, 237, 252, 255])('reads what systemd %d says', async (version) => {
    const edge = host()
    edge.setState('systemd', String(version))
    edge.setState('unit', 'failed')
    const { systemd, kubelet, otherDistributions, state } = await edge.facts(request)
    const { environmentFiles, unitPaths } = nativeFacts().kubelet
    expect(systemd).toBe(version)
    expect(kubelet).toMatchObject({ loadState: 'loaded', activeState: 'active', environmentFiles, unitPaths })
    expect(otherDistributions).toEqual([])
    expect(state.unit).toBe('failed')
    expect(readKubeletUnit(kubelet, kubeconfig).problems).toEqual([])
  })

  it('changes nothing', async () => {
    const edge = host()
    const before = edge.snapshot()
    await edge.facts(request)
    expect(edge.snapshot()).toEqual(before)
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
  })

  it('lets no key and no token out', async () => {
    const secret = 'LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVk'
    const token = '0123456789abcdef'
    const edge = host([
      ...changed('/etc/kubernetes/kubelet.conf', {
        text: kubeconfigWith(
          `client-certificate-data: ${secret}\n    client-key-data: ${secret}\n    token: ${secret}`,
        ),
      }),
      {
        path: '/etc/kubernetes/manifests/yurt-hub.yaml',
        mode: '0600',
        text: `    - "--join-token=${secret}"\n    - --join-token ${secret}\n    - --join-token\n    - "abcdef.${token}"\n`,
      },
      { path: '/var/lib/yurthub/bootstrap-hub.conf', mode: '0600', text: `token: ${secret}\n` },
    ])
    const session = edge.connect()
    const { stdout } = await session.run(factsScript(request), { timeoutSeconds: 30 })
    session.close()
    const decoded = stdout.split(/\s/).map((word) => Buffer.from(word, 'base64').toString())
    for (const word of [secret, token]) expect(stdout + decoded.join('\n')).not.toContain(word)
    const found = await edge.facts(request)
    expect(found.files.kubeconfig.content).toContain('server: https://192.0.2.1:6443')
    expect(found.files.hubManifest.content).toContain('--join-token=********')
  })

  it('names every file that defines the controller manager or the hub, and lets nothing of it out', async () => {
    const folder = '/etc/kubernetes/manifests'
    const pod = (name: string) => `kind: Pod\nmetadata:\n  name: ${name}\n  namespace: kube-system\n`
    const kcm = pod('kube-controller-manager')
    const canary = 'c4n4ry-of-a-static-pod'
    const secret = `spec: {containers: [{name: a, env: [{name: PASSWORD, value: ${canary}}]}]}\n`
    const defining = {
      'kube-controller-manager.yaml': kcm,
      'kube-controller-manager.yaml.bak': kcm + secret,
      'kube-controller-manager.yaml~': kcm,
      'compact.json': `{"kind":"Pod","metadata":{"name":"kube-controller-manager"},"password":"${canary}"}`,
      'flow.yml': `{kind: Pod, metadata: {namespace: kube-system, name: kube-controller-manager}}`,
      'anchor.yaml': pod('&name kube-controller-manager'),
      'commented.yaml': pod('kube-controller-manager # for now'),
      'next-line.yaml': pod('\n    "kube-controller-manager"'),
      'other-name.yaml': `${pod('controllers')}    - command:\n      - /usr/local/bin/kube-controller-manager\n      - --v=2\n`,
      'shell.yaml': `${pod('controllers')}      command: [sh, -c, 'exec kube-controller-manager --v=2 | tee /log']\n`,
      'crlf.yaml': kcm.replaceAll('\n', '\r\n'),
    }
    const others = {
      '.kube-controller-manager.yaml.swp': kcm,
      'exporter.yaml': `# for kube-controller-manager\n${pod('kube-controller-manager-exporter')}`,
      'balancer.yaml': `${pod('balancer')}    - --targets=kube-scheduler,kube-controller-manager\n    - path: /var/log/kube-controller-manager\n`,
      'cloud-controller-manager.yaml': pod('cloud-controller-manager'),
    }
    const hubs = {
      'yurt-hub.yaml.old': pod('yurt-hub'),
      'hub2.yaml': '    - command: ["yurthub", "--v=2"]\n',
    }
    const edge = host([
      ...hostFiles.edge,
      ...Object.entries({ ...defining, ...others, ...hubs }).map(([name, text]) => ({
        path: `${folder}/${name}`,
        mode: '0600',
        text,
      })),
      { path: `${folder}/old/kube-controller-manager.yaml`, mode: '0600', text: kcm },
      { path: '/srv/kcm.yaml', mode: '0600', text: kcm },
    ])
    symlinkSync('../../../srv/kcm.yaml', `${edge.root}${folder}/linked.yaml`)
    const { definedIn } = await edge.facts(request)
    expect(definedIn.controllerManager).toEqual([...Object.keys(defining), 'linked.yaml'].sort())
    expect(definedIn.hub).toEqual(['hub2.yaml', 'yurt-hub.yaml.old'])
    const session = edge.connect()
    const { stdout } = await session.run(factsScript(request), { timeoutSeconds: 30 })
    session.close()
    expect(stdout).not.toContain(canary)
  })

  it('tells what is free where each thing is written, on mounts of their own', async () => {
    const edge = host()
    const df = `${edge.root}/.lab/bin/df`
    const lines = (full: string) => `for folder; do
  case $folder in *${full}) free=0 at=$folder ;; *) free=9000 at=/ ;; esac
  echo "/dev/mapper/data disk 9000 1000 $free 50% $at"
done`
    rmSync(df)
    const script = `#!/bin/sh
echo 'Filesystem and more words'
options=$1
shift
case $options in
  -Pk) ${lines('/etc/kubernetes')} ;;
  -Pi) ${lines('/etc/kubernetes/manifests')} ;;
esac
`
    writeFileSync(df, script, { mode: 0o755 })
    const { disks } = await edge.facts(request)
    const free = (folder: string) => disks.find((disk) => disk.folder === folder)
    expect(free('/var/lib')).toEqual({ folder: '/var/lib', mount: '/', freeKiB: 9000, freeInodes: 9000 })
    expect(free('/etc/kubernetes')).toMatchObject({ freeKiB: 0, freeInodes: 9000 })
    expect(free('/etc/kubernetes/manifests')).toMatchObject({ freeKiB: 9000, freeInodes: 0 })
    expect(free('/var/lib/docker')).toBeUndefined()
  })

  it('tells nothing of what is free where df fails', async () => {
    const edge = host()
    const df = `${edge.root}/.lab/bin/df`
    rmSync(df)
    writeFileSync(df, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    expect((await edge.facts(request)).disks).toContainEqual({ folder: '/var/lib' })
  })

  it.each([
    { name: 'quoted', text: 'staticPodPath: "/srv/pods"\n', folder: '/srv/pods' },
    {
      name: 'single-quoted',
      text: "kind: KubeletConfiguration\nstaticPodPath: '/srv/pods/'\n",
      folder: '/srv/pods',
    },
    {
      name: 'JSON',
      text: '{"kind":"KubeletConfiguration",\n"staticPodPath": "/srv/pods",\n"x":1}\n',
      folder: '/srv/pods',
    },
    { name: 'absent', text: 'kind: KubeletConfiguration\n', folder: '' },
  ])('finds staticPodPath $name', async ({ text, folder }) => {
    const edge = host(changed('/var/lib/kubelet/config.yaml', { text }))
    expect((await edge.facts(request)).staticPodPath).toBe(folder)
    expect((await edge.facts({ ...request, staticPodPath: '/given' })).staticPodPath).toBe('/given')
  })

  it('sees ports, images, the registry and the API server', async () => {
    const edge = host()
    const listens = '   0: 00000000:2815 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1\n'
    const serves = '   1: 0100007F:281B 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 1 1\n'
    writeFileSync(`${edge.root}/proc/net/tcp`, `${listens}${serves}`)
    expect(await edge.facts(request)).toMatchObject({
      listening: [10261],
      images: [],
      registries: { [image]: '401' },
      api: { 'https://192.0.2.1:6443': '200' },
    })
    edge.setState('images', image)
    expect(await edge.facts({ ...request, servers: ['https://192.0.2.7:6443'] })).toMatchObject({
      images: [image],
      registries: {},
      api: { 'https://192.0.2.7:6443': '000' },
    })
  })

  it('finds pods by their containers, each with its address of the API, and no static pods', async () => {
    const edge = host()
    const uid = '3f0e2a54-6d2f-4c4e-9b1c-1c3c6d2f4c4e'
    const container = (pid: number, cgroup: string, address: string): void => {
      edge.write(`/proc/${pid}/cgroup`, `0::/kubepods.slice/${cgroup}\n`)
      edge.write(`/proc/${pid}/environ`, `A=1\0KUBERNETES_SERVICE_HOST=${address}\0B=2\0`)
    }
    container(100, `kubepods-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-1.scope`, '169.254.2.1')
    container(101, `kubepods-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-2.scope`, '169.254.2.1')
    container(102, 'besteffort/pod11111111-2222-3333-4444-555555555555/abc', '10.96.0.1')
    container(103, 'kubepods-pod0123456789abcdef0123456789abcdef.slice/x', '10.96.0.1')
    expect((await edge.facts(request)).pods).toEqual([
      { uid: '11111111-2222-3333-4444-555555555555', serviceHost: '10.96.0.1' },
      { uid, serviceHost: '169.254.2.1' },
    ])
  })

  it('finds a host that is converted, and its journal', async () => {
    const edge = host()
    const found = await convert(edge)
    if (process.env.RECORD_FACTS !== undefined && kind.name === 'dash') await record(edge)
    expect(found.state.journals).toHaveLength(1)
    expect(found.kubelet.commandLine.at(-1)).toBe('--bootstrap-kubeconfig=')
  })

  const rewrite = `printf x >> "$YURT_SSH_ROOT/var/lib/kubelet/kubeadm-flags.env"`

  it.each([
    {
      times: 'once',
      script: `[ -f "$YURT_SSH_ROOT/.lab/seen" ] || { : > "$YURT_SSH_ROOT/.lab/seen"; ${rewrite}; }`,
    },
    { times: 'all the time', script: rewrite },
  ])('looks once more where a file changes while it is read: $times', async ({ times, script }) => {
    const edge = host()
    const program = `${edge.root}/.lab/bin/sha256sum`
    rmSync(program)
    writeFileSync(program, `#!/bin/sh\n${script}\nexec "\${0%/*}/../real/sha256sum" "$@"\n`, { mode: 0o755 })
    const session = edge.connect()
    const read = readHost(session, hostNamed('edge-1'), [], options)
    if (times === 'once') expect((await read).files.flags.content).toMatch(/x$/)
    else
      await expect(read).rejects.toMatchObject({
        code: 'HOST_CHANGES',
        host: 'edge-1',
        message: expect.stringContaining('kubeadm-flags.env changed'),
      })
    session.close()
  })

  it('takes files whose last line has no end', async () => {
    const manifest = '/etc/kubernetes/manifests/yurt-hub.yaml'
    const edge = host([
      ...hostFiles.edge.filter(
        ({ path }) => !['/etc/default/kubelet', '/etc/kubernetes/kubelet.conf'].includes(path),
      ),
      { path: '/etc/default/kubelet', mode: '0644', text: 'KUBELET_EXTRA_ARGS=--v=2' },
      { path: '/etc/kubernetes/kubelet.conf', mode: '0600', text: 'current-context: x' },
      { path: manifest, mode: '0600', text: '    - --join-token=abcdef.0123456789abcdef' },
    ])
    const { kubelet, files, hubTokenId } = await edge.facts(request)
    expect(kubelet.extraEnvironment).toBe('KUBELET_EXTRA_ARGS=--v=2\n')
    expect(hubTokenId).toBe('abcdef')
    expect(files).toMatchObject({
      flags: { state: 'file' },
      kubeconfig: { content: 'current-context: x\n' },
      hubManifest: { path: manifest, content: '    - --join-token=********\n' },
      joinedHubManifest: { state: 'absent', path: '/etc/kubernetes/manifests/yurthub.yaml' },
    })
  })

  it('reads a file of any name', async () => {
    const path = `/srv/it's "a" \\ $(odd) *.yaml`
    const edge = host([
      ...changed(path, { text: 'staticPodPath: /srv/pods\n' }),
      { path: '/srv/it', mode: '0644', text: 'not this one' },
    ])
    const [pid = ''] = edge.state('kubelet-pid').split(' ')
    edge.write(`/proc/${pid}/cmdline`, `/usr/bin/kubelet\0--config=${path}\0`)
    const { files, staticPodPath } = await edge.facts(request)
    expect(files.kubeletConfig).toMatchObject({ state: 'file', path, content: 'staticPodPath: /srv/pods\n' })
    expect(staticPodPath).toBe('/srv/pods')
  })

  const conf = '/etc/kubernetes/kubelet.conf'
  const caCrt = '/etc/kubernetes/pki/ca.crt'
  const pem = (bytes: string): string =>
    `-----BEGIN CERTIFICATE-----\n${btoa(bytes)}\n-----END CERTIFICATE-----\n`

  /** The checks that a host does not pass, as `NAME: message`. */
  const failing = (found: HostFacts): string[] =>
    preflightHost(hostNamed('edge-1'), { ...found, uid: 0 }, true, options)
      .filter(({ status }) => status === 'failed')
      .map(({ name, message }) => `${name}: ${message}`)

  it.each([
    { form: 'JSON', text: JSON.stringify(parse(kubeconfigWith('token: x')), null, 2) },
    { form: 'JSON in one line', text: JSON.stringify(parse(kubeconfigWith('token: x'))) },
    { form: 'flow style', text: stringify(parse(kubeconfigWith('{}')), { collectionStyle: 'flow' }) },
    {
      form: 'a comment with brackets',
      text: kubeconfigWith('{}').replace('current-context: x', '$& # {site-a}'),
    },
    {
      form: 'a cluster that no context uses, and is gone',
      text: kubeconfigWith('{}').replace(
        'clusters:',
        '$&\n- cluster:\n    server: https://192.0.2.99:6443\n  name: old',
      ),
    },
  ])('takes a kubelet.conf in $form', async ({ text }) => {
    const found = await host(changed(conf, { text })).facts(request)
    expect(found.api).toEqual({ 'https://192.0.2.1:6443': '200' })
    expect(failing(found)).toEqual([])
  })

  it('says which line of a kubelet.conf it does not understand, and how to write it', async () => {
    const text = kubeconfigWith('&us3r {}')
    const { files, ...found } = await host(changed(conf, { text })).facts(request)
    expect(files.kubeconfig).toMatchObject({ state: 'file', problem: 'line 16: an anchor or alias' })
    expect(failing({ files, ...found })).toEqual([
      `ServerAddress: ${conf} is not understood, line 16: an anchor or alias`,
      'ApiServer: no API server address is known',
    ])
  })

  it.each([
    ['tls-server-name: kubernetes', 'to verify the API server by another name, kubernetes (tls-server-name)'],
    ['proxy-url: http://u:s3cret@192.0.2.8', 'to ask it through a proxy (proxy-url)'],
    ['insecure-skip-tls-verify: true', 'to leave its certificate unverified (insecure-skip-tls-verify)'],
  ])('names what a hub cannot: %s', async (line, said) => {
    const text = kubeconfigWith('{}').replace('    server:', `    ${line}\n$&`)
    const found = await host(changed(conf, { text })).facts(request)
    expect(JSON.stringify(found)).not.toContain('s3cret')
    expect(failing(found)).toEqual([`ServerTls: the kubelet's kubeconfig wants what the hub cannot: ${said}`])
  })

  it.each([
    { trusts: 'an old CA and ours', data: `${pem('old')}${pem('ours')}`, ca: pem('ours'), same: true },
    {
      trusts: 'ours, with text around it',
      data: pem('ours'),
      ca: `subject=/CN=kubernetes\n\n${pem('ours').replaceAll('\n', '\r\n')}# end`,
      same: true,
    },
    { trusts: 'ours, of a new one too', data: pem('ours'), ca: `${pem('new')}${pem('ours')}`, same: true },
    { trusts: 'another', data: pem('other'), ca: pem('ours'), same: false },
  ])('compares ca.crt with what kubelet.conf trusts: $trusts', async ({ data, ca, same }) => {
    const line = `    certificate-authority-data: ${btoa(data)}\n`
    const text = kubeconfigWith('{}').replace('    server:', `${line}$&`)
    const byFile = kubeconfigWith('{}').replace(
      '    server:',
      `    certificate-authority: pki/kubelet.crt\n$&`,
    )
    const otherFiles = hostFiles.edge.filter(({ path }) => ![conf, caCrt].includes(path))
    for (const kubelet of [text, byFile]) {
      const edge = host([...otherFiles, { path: caCrt, text: ca }, { path: conf, text: kubelet }])
      edge.write('/etc/kubernetes/pki/kubelet.crt', data)
      expect(failing(await edge.facts(request))).toEqual(
        same ? [] : [`Ca: ${caCrt} is not the CA that ${conf} trusts`],
      )
    }
  })

  it('lets only certificates out of what should hold nothing else', async () => {
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${btoa('s3cret')}\n-----END RSA PRIVATE KEY-----\n`
    const torn = `-----BEGIN CERTIFICATE-----\n${key}`
    const line = `    certificate-authority-data: ${btoa(`${key}${pem('ours')}${torn}`)}\n`
    const text = kubeconfigWith('{}').replace('    server:', `${line}$&`)
    const edge = host(changed(conf, { text }))
    edge.write(caCrt, `${key}${pem('ours')}password: s3cret\n${torn}`)
    const found = await edge.facts(request)
    expect(found.files.ca.content).toBe(pem('ours'))
    expect(found.files.kubeconfig.content).toContain(`certificate-authority-data: ${btoa(pem('ours'))}`)
    expect(failing(found)).toEqual([])
  })

  it('follows links that the kubelet follows', async () => {
    const moved = hostFiles.edge.map((file) => ({
      ...file,
      path: file.path
        .replace(/^\/etc\/kubernetes/, '/data/kubernetes')
        .replace(/^\/var\/lib\/kubelet\/pki/, '/data/pki')
        .replace(/manifests$/, 'real/manifests')
        .replace(/kubelet\.conf$/, 'kubelet-real.conf'),
    }))
    const edge = host([
      ...moved,
      { path: '/data/kubernetes/manifests', link: 'real/manifests' },
      { path: '/data/kubernetes/kubelet.conf', link: 'kubelet-real.conf' },
      { path: '/etc/kubernetes', link: '../data/kubernetes' },
      { path: '/var/lib/kubelet/pki', link: '../../../data/pki' },
    ])
    const found = await edge.facts(request)
    expect(found.files.kubeconfig).toMatchObject({ state: 'file', path: conf, mode: '0600' })
    expect(failing(found)).toEqual([])
    const converted = await convert(edge)
    expect(edge.exists('/data/kubernetes/real/manifests/yurt-hub.yaml')).toBe(true)
    expect(converted.state.journals).toMatchObject([{ result: 'committed' }])
  })

  it('tells a link that leads nowhere, and one in the place of what it writes', async () => {
    const edge = host([
      ...hostFiles.edge.filter(
        ({ path }) => !path.startsWith('/var/lib/kubelet/pki') && !path.endsWith('kubeadm-flags.env'),
      ),
      { path: '/var/lib/kubelet/pki', link: '/data/pki' },
      { path: '/var/lib/kubelet/flags', text: 'KUBELET_KUBEADM_ARGS=""\n' },
      { path: '/var/lib/kubelet/kubeadm-flags.env', link: 'flags' },
    ])
    expect(failing(await edge.facts(request))).toEqual([
      'KubeletPki: /var/lib/kubelet/pki is link to /data/pki, and no directory is there',
      'KubeletFlags: /var/lib/kubelet/kubeadm-flags.env is a symbolic link to flags, which an edit would replace',
    ])
  })

  it('takes a folder that is a link to a data disk, and tells a link as the last component', async () => {
    const edge = host([
      ...hostFiles.edge.filter(({ path }) => !path.startsWith('/var/lib/kubelet')),
      { path: '/var/lib/kubelet', link: '../../data/kubelet' },
      { path: '/data/kubelet/kubeadm-flags.env', mode: '0644', text: 'KUBELET_KUBEADM_ARGS=""\n' },
      { path: '/data/kubelet/config.yaml', link: '/elsewhere.yaml' },
    ])
    const { files } = await edge.facts(request)
    expect(files.flags).toMatchObject({ state: 'file', path: '/var/lib/kubelet/kubeadm-flags.env' })
    expect(files.kubeletConfig).toMatchObject({ state: 'link' })
  })

  async function convert(edge: ShellHost): Promise<HostFacts> {
    const transaction = hubTransaction(hostNamed('edge-1'), await edge.facts(request), options)
    if (transaction === undefined) throw new Error('nothing to convert')
    const session = edge.connect()
    const context = { runId: 'run1', node: 'edge-1', release }
    await runTransaction(() => Promise.resolve(session), transaction, context)
    session.close()
    return edge.facts(request)
  }

  /** Writes test/cases/node/facts.txt anew: RECORD_FACTS=1 npx vitest run test/node/facts-script.test.ts */
  async function record(edge: ShellHost): Promise<void> {
    const session = edge.connect()
    const { stdout } = await session.run(factsScript(request), { timeoutSeconds: 30 })
    session.close()
    writeFileSync(new URL('../cases/node/facts.txt', import.meta.url), stdout.replaceAll(edge.root, ''))
  }
})

function kubeconfigWith(user: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    server: https://192.0.2.1:6443
  name: c
contexts:
- context:
    cluster: c
    user: u
  name: x
current-context: x
users:
- name: u
  user:
    ${user}
`
}
