import type { Host } from '../inventory/types.js'
import { sharesCertificate } from '../node/certificates.js'
import { type Kubeconfig, kubeconfigOf } from '../node/kubeconfig.js'
import type { HostFacts } from '../node/types.js'
import { isLost } from './changed.js'
import { attempt, type Expect } from './checks.js'
import { convertedByUs } from './foreign.js'
import { needsToken } from './hub-bootstrap.js'
import { flavourOf } from './hub-flavours/flavours.js'
import { workloadsOn } from './images.js'
import type { PlanOptions } from './options.js'

/** What must hold on a host before a hub starts on it for the first time. */
export function hubChecks(host: Host, facts: HostFacts, options: PlanOptions, expect: Expect): void {
  const { hub } = options.release
  const lost = isLost(facts, flavourOf(options.release).definition(facts))
  const ports = [
    ...Object.values(hub.ports),
    ...workloadsOn(host, options).flatMap(({ hostPorts }) => hostPorts ?? []),
  ]
  // where only the manifest is gone, the hub may still be stopping, and the rest runs
  const busy = lost ? [] : facts.listening.filter((port) => ports.includes(port))
  expect('Ports', busy.length === 0, {
    ok: lost ? 'its ports are those of our own hub' : `ports ${ports.join(', ')} are free`,
    failed: `port ${busy.join(', ')} is taken`,
    hint: 'find who listens with `ss -ltnp` on the host',
  })
  const leftovers = [facts.files.hubRoot, facts.files.hubCache].filter((fact) => fact.state !== 'absent')
  const ours = convertedByUs(facts, options.release)
  expect('HubState', leftovers.length === 0 || lost, {
    ok: lost ? 'the state of our own hub, whose manifest comes back' : 'no state of an earlier hub',
    failed: `${leftovers.map((fact) => fact.path).join(' and ')} ${leftovers.length === 1 ? 'is' : 'are'} left of ${ours ? 'our hub, whose manifest is gone' : 'another hub'}${foreignCa(facts)}`,
    hint: ours
      ? `\`yurt-ssh revert --limit ${host.name}\`, then convert: the journal on the host knows what is ours`
      : 'move it away on the host if nothing needs it, then run again',
  })
  const servers = Object.entries(facts.api)
  const silent = servers.filter(([, status]) => status === '000').map(([server]) => server)
  expect('ApiServer', servers.length > 0 && silent.length === 0, {
    ok: 'reaches the API server',
    failed:
      servers.length === 0 ? 'no API server address is known' : `gets no answer from ${silent.join(', ')}`,
  })
  networkChecks(host, facts, expect)
  const { value: kubeconfig } = attempt(() => kubeconfigOf(facts.files.kubeconfig))
  if (host.serverAddr === undefined && kubeconfig !== undefined) serverTlsCheck(kubeconfig, expect)
  caCheck(facts, kubeconfig, options, expect)
}

function foreignCa(facts: HostFacts): string {
  const { hubCa, ca } = facts.files
  return hubCa.content !== undefined && !sharesCertificate(hubCa.content, ca.content ?? '')
    ? ', of a cluster with another CA'
    : ''
}

function networkChecks(host: Host, facts: HostFacts, expect: Expect): void {
  const needsInterface = !host.hubArgs.includes('--enable-dummy-if=false')
  expect('HubNetwork', !needsInterface || facts.dummy !== 'absent', {
    ok: needsInterface ? `dummy interface ${facts.dummy}` : 'the hub makes no dummy interface',
    failed: 'the kernel has no dummy interfaces, and the hub exits without one',
    hint: 'openyurt.hubArgs: [--enable-dummy-if=false, --access-server-through-hub=false]; pods then do not go through the hub',
  })
  const needsRules = needsInterface && !host.hubArgs.includes('--enable-iptables=false')
  expect('Iptables', !needsRules || facts.iptables, {
    ok: needsRules ? 'has iptables' : 'the hub sets no iptables rules',
    failed: 'has no iptables: rules that the hub leaves when it is killed could not be removed',
    warning: true,
  })
}

/** The hub gets an address and nothing else: it asks there itself, and verifies that address (yurthub v0.6.1). */
function serverTlsCheck({ server, tlsServerName, proxied, insecure }: Kubeconfig, expect: Expect): void {
  const host = URL.canParse(server) ? new URL(server).hostname.replace(/^\[|\]$/g, '') : ''
  const cannot = [
    ...(tlsServerName === undefined || tlsServerName === host
      ? []
      : [`verify the API server by another name, ${tlsServerName} (tls-server-name)`]),
    ...(proxied ? ['ask it through a proxy (proxy-url)'] : []),
    ...(insecure ? ['leave its certificate unverified (insecure-skip-tls-verify)'] : []),
  ]
  expect('ServerTls', cannot.length === 0, {
    ok: 'the hub can ask the API server as the kubelet does',
    failed: `the kubelet's kubeconfig wants what the hub cannot: to ${cannot.join('; to ')}`,
    hint: 'set openyurt.serverAddr to an address that the host reaches by itself and that the certificate names',
  })
}

function caCheck(
  facts: HostFacts,
  kubeconfig: Kubeconfig | undefined,
  options: PlanOptions,
  expect: Expect,
): void {
  const { ca, kubeconfig: file } = facts.files
  const trusted = kubeconfig?.certificateAuthorityData
  const same =
    trusted === undefined ||
    ca.content === undefined ||
    sharesCertificate(Buffer.from(trusted, 'base64').toString('utf8'), ca.content)
  expect('Ca', same && ca.content !== '', {
    ok: needsToken(facts, options)
      ? 'the hub bootstraps by token'
      : 'the hub bootstraps as the kubelet, without a token',
    failed:
      ca.content === ''
        ? `${ca.path} holds no certificate`
        : `${ca.path} is not the CA that ${file.path} trusts`,
    hint: 'the host belongs to another cluster than its files say',
  })
}
