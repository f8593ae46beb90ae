import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Reply } from './calls.js'

/** A host's network interfaces and iptables rules, as far as a hub and its clean-up use them. */
export interface Firewall {
  addRule(table: string, rule: string): void
  deleteRule(table: string, rule: string): boolean
  addInterface(name: string): void
  deleteInterface(name: string): boolean
  iptables(args: readonly string[]): Reply
  iptablesSave(args: readonly string[]): Reply
  ip(args: readonly string[]): Reply
}

const builtIn: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
}

export function createFirewall(root: string): Firewall {
  const rules = new Map<string, string[]>(Object.keys(builtIn).map((table) => [table, []]))
  const chains = new Map<string, Set<string>>(Object.keys(builtIn).map((table) => [table, new Set()]))
  const interfacePath = (name: string): string => join(root, 'sys/class/net', name)
  const interfaces = new Set<string>()

  const firewall: Firewall = {
    addRule: (table, rule) => void rules.get(table)?.push(rule),
    deleteRule(table, rule) {
      const list = rules.get(table) ?? []
      const at = list.indexOf(rule)
      if (at >= 0) list.splice(at, 1)
      return at >= 0
    },
    addInterface(name) {
      interfaces.add(name)
      mkdirSync(interfacePath(name), { recursive: true })
    },
    deleteInterface(name) {
      rmSync(interfacePath(name), { recursive: true, force: true })
      return interfaces.delete(name)
    },
    iptables(args) {
      const words = args.filter((word) => word !== '-w')
      const at = words.indexOf('-t')
      const table = at < 0 ? 'filter' : (words[at + 1] ?? '')
      if (at >= 0) words.splice(at, 2)
      const [operation = '', chain = '', ...rest] = words
      const own = chains.get(table)
      if (own === undefined) return { status: 3, stderr: `iptables: can't initialize table \`${table}'\n` }
      const done = { status: 0 }
      const bad = { status: 1, stderr: 'iptables: Bad rule (does a matching rule exist in that chain?).\n' }
      switch (operation) {
        case '-A':
          firewall.addRule(table, ruleText(chain, rest))
          return done
        case '-D':
          return firewall.deleteRule(table, ruleText(chain, rest)) ? done : bad
        case '-N':
          own.add(chain)
          return done
        case '-F':
          rules.set(
            table,
            (rules.get(table) ?? []).filter((rule) => !rule.startsWith(`${chain} `)),
          )
          return done
        case '-X':
          return own.delete(chain) ? done : bad
        default:
          return { status: 2, stderr: `iptables of the lab does not know ${operation}\n` }
      }
    },
    iptablesSave(args) {
      const at = args.indexOf('-t')
      const tables = at < 0 ? Object.keys(builtIn) : [args[at + 1] ?? '']
      const lines = tables.flatMap((table) => [
        `*${table}`,
        ...(builtIn[table] ?? []).map((chain) => `:${chain} ACCEPT [0:0]`),
        ...[...(chains.get(table) ?? [])].map((chain) => `:${chain} - [0:0]`),
        ...(rules.get(table) ?? []).map((rule) => `-A ${rule}`),
        'COMMIT',
      ])
      return { status: 0, stdout: `${lines.join('\n')}\n` }
    },
    ip(args) {
      const [object, verb, name = ''] = args
      if (object !== 'link' || verb !== 'delete')
        return { status: 255, stderr: `ip of the lab does not know ${args.join(' ')}\n` }
      return firewall.deleteInterface(name)
        ? { status: 0 }
        : { status: 1, stderr: `Cannot find device "${name}"\n` }
    },
  }
  return firewall
}

/** As iptables-save prints it: words with blanks are quoted. */
function ruleText(chain: string, words: readonly string[]): string {
  return [chain, ...words.map((word) => (word.includes(' ') ? `"${word}"` : word))].join(' ')
}
