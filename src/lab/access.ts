import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { stringify } from 'yaml'
import type { LabHost } from './host/host.js'

export interface KeyPair {
  private: string
  public: string
}

/** An ed25519 pair. One of 200 that ssh2 1.17.0 makes is malformed, by its own parser's word: then another is made. */
export function createKey(comment: string): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair
  }
}

/** What an operator needs to reach the lab, written beside its hosts: key, known_hosts, kubeconfig, inventory. */
export function writeAccess(
  dir: string,
  hosts: readonly LabHost[],
  access: { operator: KeyPair; hostKeys: ReadonlyMap<string, KeyPair>; kubeconfig: string },
): void {
  const write = (name: string, text: string, mode: number): void =>
    writeFileSync(join(dir, name), text, { mode })
  write('id_ed25519', access.operator.private, 0o600)
  write('kubeconfig', access.kubeconfig, 0o600)
  const known = hosts.map(
    (host) => `[127.0.0.1]:${host.port} ${access.hostKeys.get(host.spec.name)?.public}\n`,
  )
  write('known_hosts', known.join(''), 0o644)
  write('inventory.yaml', inventory(hosts), 0o644)
}

function inventory(hosts: readonly LabHost[]): string {
  const byRole = (role: 'cloud' | 'edge') =>
    Object.fromEntries(
      hosts
        .filter(({ spec }) => spec.role === role)
        .map(({ spec, port }) => [spec.name, { address: '127.0.0.1', ssh: { port, user: spec.user } }]),
    )
  const group = (role: 'cloud' | 'edge') => {
    const members = byRole(role)
    return Object.keys(members).length === 0 ? {} : { [role]: { role, hosts: members } }
  }
  return stringify({
    cluster: { kubeconfig: 'kubeconfig' },
    openyurt: { release: 'v0.6.1' },
    ssh: { identityFile: 'id_ed25519', identitiesOnly: true, knownHosts: 'known_hosts' },
    groups: { ...group('cloud'), ...group('edge') },
  })
}
