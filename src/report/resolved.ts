import colors from 'picocolors'
import type { Host, SecretSource, SshHop, SshSettings } from '../inventory/types.js'
import { table } from './table.js'

/** Every SSH setting of each host, and where it comes from; `inventory list --resolved`. */
export function renderResolved(hosts: readonly Host[]): string {
  const head = ['HOST', 'SETTING', 'VALUE', 'FROM'].map(colors.bold)
  return table([head, ...hosts.flatMap(rowsOf)])
}

function rowsOf({ name, ssh, sshOrigins = {} }: Host): string[][] {
  return settingsOf(ssh, '').map(([setting, value], index) => [
    index === 0 ? name : '',
    setting,
    value,
    sshOrigins[setting] ?? '',
  ])
}

function settingsOf(hop: SshSettings, prefix: string): [setting: string, value: string][] {
  const { bastion, notHonoured = [], ...own } = hop
  const rows = Object.entries(own).map(([key, value]): [string, string] => [prefix + key, text(value)])
  return [
    ...rows,
    ...notHonoured.map((line): [string, string] => [`${prefix}not honoured`, line]),
    ...(bastion === undefined ? [] : settingsOf(bastion, `${prefix}bastion.`)),
  ]
}

function text(value: SshHop[keyof SshHop] | SecretSource): string {
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map((pair) => pair.join(' '))
      .join(', ')
  return String(value)
}
