import type { Host, SshHop } from '../inventory/types.js'

/** A hop as it is shown: of a ProxyCommand only its program, since its arguments may hold a password. */
export function shownHop<Hop extends SshHop>(hop: Hop): Hop {
  const { proxyCommand, bastion } = hop
  return {
    ...hop,
    ...(proxyCommand !== undefined && { proxyCommand: programOf(proxyCommand) }),
    ...(bastion !== undefined && { bastion: shownHop(bastion) }),
  }
}

export function shownHost(host: Host): Host {
  return { ...host, ssh: shownHop(host.ssh) }
}

function programOf(command: string): string {
  const [, program = '', rest = ''] = /^(?:exec\s+)?([\w./~-]+)(?=\s|$)(.*)$/s.exec(command.trim()) ?? []
  return program === '' || rest !== '' ? `${program} …`.trim() : program
}
