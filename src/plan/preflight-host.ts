import type { Host } from '../inventory/types.js'
import { inWords } from '../node/file-facts.js'
import { redirectState } from '../node/kubeadm-flags.js'
import { staticPodPath } from '../node/kubelet-settings.js'
import { kubeletArguments, readKubeletUnit } from '../node/kubelet-unit.js'
import type { HostFacts } from '../node/types.js'
import { attempt, type Check, createChecks, type Expect } from './checks.js'
import { kubeletNodeName } from './fleet.js'
import { convertedByUs } from './foreign.js'
import { hubTransaction } from './host-convert.js'
import { serverAddrOf } from './hub-bootstrap.js'
import { flavourOf } from './hub-flavours/flavours.js'
import { neededImages } from './images.js'
import type { PlanOptions } from './options.js'
import { diskCheck } from './preflight-disk.js'
import { hubChecks } from './preflight-hub.js'
import { definedOnceCheck } from './preflight-manifests.js'

/**
 * What must hold on a host before it is converted. A host that is converted already is judged by what it will be
 * again, not by the hub that it runs.
 */
export function preflightHost(host: Host, facts: HostFacts, getsHub: boolean, options: PlanOptions): Check[] {
  const { list, expect } = createChecks(host.name)
  machineChecks(facts, expect)
  kubeletChecks(host, facts, options, expect)
  imageChecks(host, facts, !getsHub, options, expect)
  if (!getsHub) return list
  conversionChecks(host, facts, options, expect)
  if (flavourOf(options.release).definition(facts).state === 'absent') hubChecks(host, facts, options, expect)
  const plan = attempt(() => hubTransaction(host, facts, options))
  if (list.every(({ status }) => status !== 'failed')) {
    expect('Plan', plan.error === undefined, {
      mandatory: true,
      ok: 'can be planned for',
      failed: plan.error ?? '',
    })
  }
  return list
}

function machineChecks(facts: HostFacts, expect: Expect): void {
  expect('Root', facts.uid === 0, {
    ok: 'runs as root',
    failed: facts.uid === undefined ? 'does not tell who runs there' : `runs as uid ${facts.uid}`,
  })
  expect('Systemd', facts.systemd !== undefined, {
    ok: `systemd ${facts.systemd}`,
    failed: 'does not run systemd',
    hint: 'yurt-ssh runs its transactions as systemd units; other init systems are not supported',
  })
  expect('Tools', facts.missingTools.length === 0, {
    ok: 'has the tools that scripts need',
    failed: `lacks ${facts.missingTools.join(', ')}`,
  })
  expect('Distribution', facts.otherDistributions.length === 0, {
    ok: 'is no k3s, RKE2 or MicroK8s',
    failed: `runs ${facts.otherDistributions.join(', ')}, whose kubelet is not kubeadm's`,
  })
  expect('HttpClient', facts.httpClient !== 'none', {
    ok: `checks health with ${facts.httpClient}`,
    failed: 'has none of curl, wget, python3, bash, nc',
    hint: 'install curl on it',
  })
  diskCheck(facts, expect)
}

function kubeletChecks(host: Host, facts: HostFacts, options: PlanOptions, expect: Expect): void {
  const ours = options.release.hub.kubeconfig
  const { problems } = readKubeletUnit(facts.kubelet, ours, facts.files.flags.content)
  expect('KubeletUnit', problems.length === 0, {
    ok: `kubelet.service from ${facts.kubelet.unitPaths.at(-1) ?? 'systemd'}`,
    failed: problems.map(({ message }) => message).join('; '),
    ...(problems[0]?.hint === undefined ? {} : { hint: problems[0].hint }),
  })
  expect('KubeletRunning', facts.kubelet.mainPid !== 0, {
    ok: 'the kubelet runs',
    failed: `the kubelet is ${facts.kubelet.activeState}`,
    hint: 'see `journalctl -u kubelet` on the host',
  })
  staticPodsCheck(facts, options, expect)
  definedOnceCheck(facts, options.release, expect)
  const name = kubeletNodeName(facts)
  expect('NodeName', name === host.node, {
    ok: `is node ${name}`,
    failed: `its kubelet calls itself ${name}, the inventory calls it ${host.node}`,
    hint: 'is the address of another host? Otherwise set `node` in the inventory',
  })
  for (const [name, key] of [
    ['KubernetesDir', 'kubernetesDir'],
    ['KubeletPki', 'kubeletPki'],
  ] as const) {
    const fact = facts.files[key]
    expect(name, fact.state === 'directory', {
      ok: `${fact.path} is there`,
      failed: `${fact.path} is ${fact.state}${fact.target === undefined ? '' : ` to ${fact.target}, and no directory is there`}`,
    })
  }
  const flags = attempt(() => redirectState(facts.files.flags.content, ours))
  expect(
    'KubeletFlags',
    facts.files.flags.state !== 'link' && flags.error === undefined && flags.value !== 'other',
    {
      mandatory: true,
      ok: `${facts.files.flags.path} can be edited`,
      failed:
        facts.files.flags.state === 'link'
          ? `${facts.files.flags.path} is ${inWords(facts.files.flags)}, which an edit would replace`
          : (flags.error ?? `${facts.files.flags.path} sets a --kubeconfig of its own`),
    },
  )
}

/** The host's script finds the folder by reading lines; here its configuration is parsed, and both must agree. */
function staticPodsCheck(facts: HostFacts, options: PlanOptions, expect: Expect): void {
  const wanted = attempt(
    () =>
      options.podManifestPath ?? staticPodPath(facts.files.kubeletConfig.content, kubeletArguments(facts)),
  )
  const folder = wanted.value?.replace(/\/$/, '')
  expect('StaticPods', folder !== undefined && folder === facts.staticPodPath, {
    mandatory: true,
    ok: `static pods from ${facts.staticPodPath}`,
    failed:
      wanted.error ??
      (folder === undefined
        ? 'the kubelet reads no folder of static pods'
        : `the kubelet reads static pods from ${folder}, which was not understood on the host`),
    hint: 'give --pod-manifest-path',
  })
}

function imageChecks(
  host: Host,
  facts: HostFacts,
  controlPlane: boolean,
  options: PlanOptions,
  expect: Expect,
): void {
  expect('Runtime', facts.imageTool !== 'none', {
    ok: `${facts.engine}, images by ${facts.imageTool}`,
    failed:
      facts.imageToolProblem === undefined
        ? `no crictl, ctr or docker to look for images of ${facts.engine}`
        : `nothing reaches ${facts.engine}: ${facts.imageToolProblem}`,
    hint: 'docker, crictl or ctr must work there as root: for a kubelet with docker the first, with containerd one of the others',
  })
  const missing = neededImages(host, controlPlane, options).filter((image) => !facts.images.includes(image))
  const unreachable = missing.filter((image) => (facts.registries[image] ?? '000') === '000')
  const mirrors = [...new Set(unreachable.map((image) => facts.mirrors?.[image] ?? ''))]
  const warning = !mirrors.includes('')
  expect('Image', unreachable.length === 0, {
    ok: missing.length === 0 ? 'has the images that will run' : `will pull ${missing.join(', ')}`,
    failed: `has no ${unreachable.join(', ')} and does not reach the registry${warning ? ` directly; the runtime may have a mirror or a proxy (${mirrors.join(', ')})` : ''}`,
    hint: warning
      ? 'a host that cannot pull it fails and is put back: try it on one host, or load the image'
      : 'load it on the host, for containerd: ctr -n k8s.io images import FILE',
    warning,
  })
}

function conversionChecks(host: Host, facts: HostFacts, options: PlanOptions, expect: Expect): void {
  const flavour = flavourOf(options.release)
  const definition = flavour.definition(facts)
  const { joinedHubManifest } = facts.files
  const ours = convertedByUs(facts, options.release)
  const damaged = facts.state.journals.filter(({ result }) => result === 'damaged').map(({ id }) => id)
  expect('Journal', damaged.length === 0, {
    mandatory: true,
    ok: 'every transaction ended whole',
    failed: `the journal of ${damaged.join(', ')} is damaged, and its undo stopped there`,
    hint: `yurt-ssh revert --limit ${host.name} takes out what is recognisably ours`,
  })
  expect('ForeignHub', definition.state === 'absent' || ours, {
    ok: 'no hub of another converter',
    failed: `${definition.path} was put there by somebody else`,
    hint: 'revert it with the tool that converted the node, or what yurtctl did with `yurt-ssh revert --adopt`',
  })
  expect('JoinedNode', joinedHubManifest.state === 'absent', {
    ok: 'was not joined by yurtctl',
    failed: `${joinedHubManifest.path} is there: the node was joined by yurtctl and has no earlier state`,
    hint: 'reset the node and join it with kubeadm',
  })
  const address = attempt(() => serverAddrOf(host, facts, options))
  expect('ServerAddress', address.error === undefined, {
    mandatory: true,
    ok: `the hub goes to ${address.value ?? ''}`,
    failed: address.error ?? '',
    hint: 'set openyurt.serverAddr for this host',
  })
  if (definition.state === 'file' && ours && address.error === undefined) {
    expect('HubSettings', flavour.matches(host, facts, options), {
      ok: 'its hub runs as it should',
      failed: 'its hub was set up with other settings than those of now',
      hint: `revert it first: yurt-ssh revert --limit ${host.name}`,
    })
  }
}
