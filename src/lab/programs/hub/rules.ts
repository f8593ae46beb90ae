import type { HubOptions } from './options.js'

/** The hub's iptables rules, as iptables-save prints them: ten per port (v0.6.1, pkg/yurthub/network/iptables.go). */
export function hubRules({ flags, ports: [, ...proxied] }: HubOptions): { table: string; rule: string }[] {
  const dummy = String(flags['dummy-if-ip'])
  return proxied.flatMap((port) =>
    [dummy, '127.0.0.1'].flatMap((address) => {
      const comment = address === dummy ? '-m comment --comment "for container access hub agent" ' : ''
      const to = `-d ${address}/32 -p tcp -m tcp --dport ${port}`
      const from = `-s ${address}/32 -p tcp -m tcp --sport ${port}`
      return [
        { table: 'raw', rule: `PREROUTING ${to} -j NOTRACK` },
        { table: 'raw', rule: `OUTPUT ${to} -j NOTRACK` },
        { table: 'raw', rule: `OUTPUT ${from} -j NOTRACK` },
        { table: 'filter', rule: `INPUT -d ${address}/32 -p tcp ${comment}-m tcp --dport ${port} -j ACCEPT` },
        { table: 'filter', rule: `OUTPUT ${from} -j ACCEPT` },
      ]
    }),
  )
}
