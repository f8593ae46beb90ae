import type { HostResult } from '../rollout/host.js'

/**
 * The hosts that failed, were not reached or were left out, by inventory name, one a line: what `--limit @file` reads.
 * Empty when there are none. Hosts that were only not begun are not among them.
 */
export function failedHostsFile(hosts: readonly HostResult[], leftOut: readonly string[] = []): string {
  const bad = hosts.filter(({ error }) => error !== undefined).map(({ host }) => host)
  return [...new Set([...leftOut, ...bad])].map((name) => `${name}\n`).join('')
}
