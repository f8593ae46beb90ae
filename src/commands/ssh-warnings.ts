import type { Host, SshHop } from '../inventory/types.js'

/** Settings of ssh_config that make a connection safer, and are not honoured. */
const weakening =
  /^(Ciphers|HostKeyAlgorithms|KexAlgorithms|KnownHostsCommand|MACs|PubkeyAcceptedAlgorithms) /

/** What is weaker than it could be, a line each; to be said every time. */
export function sshWarnings(hosts: readonly Host[]): string[] {
  const unchecked = hosts.filter(({ ssh }) =>
    hopsOf(ssh).some(({ strictHostKeyChecking }) => strictHostKeyChecking === 'off'),
  )
  const ignored = new Set(
    hosts
      .flatMap(({ ssh }) => hopsOf(ssh).flatMap(({ notHonoured = [] }) => notHonoured))
      .filter((line) => weakening.test(line)),
  )
  return [
    ...(unchecked.length === 0
      ? []
      : [
          `WARNING: host keys are not checked (strictHostKeyChecking: off): anybody in between can be ${unchecked.map(({ name }) => name).join(', ')}`,
        ]),
    ...[...ignored].map((line) => `WARNING: not honoured of ssh_config: ${line}`),
  ]
}

/** A hop and those before it. */
function hopsOf(hop: SshHop): SshHop[] {
  return [hop, ...(hop.bastion === undefined ? [] : hopsOf(hop.bastion))]
}
