import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Problem } from '../problems.js'
import type { Surroundings } from '../settings.js'
import { sshResolver } from '../ssh-resolve.js'
import type { Position } from '../types.js'
import type { Need } from './keys.js'
import { bastionOf, firstOf, parseSshArgs, type SshFields } from './ssh-args.js'
import { type Found, findValue, truthOf } from './value.js'
import type { Variables } from './variables.js'

/** How to log in to a host, with the place of each setting. */
export interface Login {
  ssh: SshFields
  places: Map<string, Position>
}

export interface Reports {
  problem(problem: Problem): void
  /** Something that is set and not followed, by its name. */
  ignored(name: string, position: Position): void
}

/** The login that variables come to; relative paths start from the working directory, as ansible and ssh have it. */
export function loginOf(variables: Variables, surroundings: Surroundings, reports: Reports): Login {
  const places = new Map<string, Position>()
  const find = (need: Parameters<typeof findValue>[1]) => findValue(variables, need, reports.problem)
  const set = (fields: SshFields, { position }: Found): SshFields => {
    for (const name of Object.keys(fields)) if (!places.has(name)) places.set(name, position)
    return fields
  }
  const given = <T extends SshFields>(found: Found | undefined, fields: (text: string) => T): SshFields =>
    found === undefined ? {} : set(fields(found.text), found)
  const args = (need: 'sshArgs' | 'commonArgs' | 'extraArgs') => {
    const found = find(need)
    return found === undefined ? {} : set(argsOf(found, reports), found)
  }
  const checked = find('checking')
  const own = () => ({
    ...(checked !== undefined &&
      truthOf(checked.text) === false &&
      given(checked, () => ({ strictHostKeyChecking: 'off' }))),
    ...given(find('port'), (text) => ({ port: wholeOr(text) })),
    ...given(find('user'), (user) => ({ user })),
    ...given(find('key'), (path) => ({ identityFile: [path] })),
  })
  // in the order in which Ansible gives them to ssh
  const ssh = [args('sshArgs'), own(), args('commonArgs'), args('extraArgs')].reduce(firstOf)
  refuseOtherWays(find, reports)
  return { ssh: fromHere(withOwnBastion(withBastion(ssh), surroundings)), places }
}

function argsOf({ text, key, position }: Found, { problem, ignored }: Reports): SshFields {
  const args = parseSshArgs(text)
  if (args === undefined) {
    problem({ position, message: `${key} has a quote without its end` })
    return {}
  }
  for (const option of args.ignored) ignored(`${key}: ${option}`, position)
  for (const option of args.refused)
    problem({
      position,
      message: `${key}: ${option} decides which machine is reached, or how, and is not followed: say it in a native file, or in ssh_config`,
    })
  const { config } = args.fields
  if (config !== undefined && config !== 'none' && !existsSync(config))
    problem({ position, message: `${key}: there is no file ${config} for -F` })
  return args.fields
}

/** A command that is a jump of ssh becomes a bastion; not where -F holds, which the command does not hand on and a bastion would. */
function withBastion({ proxyCommand, ...ssh }: SshFields): SshFields {
  if (proxyCommand === undefined) return ssh
  const bastion = ssh.config === undefined ? bastionOf(proxyCommand) : undefined
  return bastion === undefined ? { ...ssh, proxyCommand } : { ...ssh, bastion }
}

/** The native format refuses what is no number. */
function wholeOr(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}

const sshConnections = [
  'ssh',
  'smart',
  'paramiko',
  'paramiko_ssh',
  'ansible.builtin.ssh',
  'ansible.builtin.paramiko_ssh',
]

function refuseOtherWays(find: (need: Need) => Found | undefined, reports: Reports): void {
  const refuse = (found: Found | undefined, accepted: readonly string[], why: string): void => {
    if (found === undefined || accepted.includes(found.text)) return
    reports.problem({ position: found.position, message: `${found.key} is "${found.text}": ${why}` })
  }
  refuse(find('connection'), sshConnections, 'yurt-ssh reaches hosts over SSH only')
  const executable = find('executable')
  if (executable !== undefined && basename(executable.text) !== 'ssh')
    refuse(executable, [], 'yurt-ssh does not run it, and cannot know what way it goes')
  const proxy = find('paramikoProxy')
  if (proxy !== undefined && find('connection')?.text.includes('paramiko'))
    reports.problem({
      position: proxy.position,
      message: `${proxy.key} is not followed: say it as \`-o ProxyCommand=…\` in ansible_ssh_common_args`,
    })
  refuse(find('becomeUser'), ['root'], 'yurt-ssh works as root')
  refuse(find('becomeMethod'), ['sudo', 'ansible.builtin.sudo'], 'yurt-ssh becomes root by sudo only')
  const become = find('become')
  if (become !== undefined && truthOf(become.text) === false)
    reports.ignored(`${become.key}: false`, become.position)
}

/** A jump of ssh takes nothing over from the host behind it. */
function withOwnBastion(ssh: SshFields, surroundings: Surroundings): SshFields {
  if (typeof ssh.bastion !== 'object') return ssh
  const names = ['user', 'identityFile', 'identitiesOnly', 'knownHosts', 'strictHostKeyChecking'] as const
  return { ...ssh, bastion: shield(ssh.bastion, ssh, names, surroundings) }
}

/**
 * The bastion, and those before it, with what ssh_config and defaults say for those of `names` that the host sets and it
 * does not: a native bastion would take them over from the host.
 */
export function shield(
  bastion: SshFields,
  host: SshFields,
  names: readonly ('user' | 'identityFile' | 'identitiesOnly' | 'knownHosts' | 'strictHostKeyChecking')[],
  surroundings: Surroundings,
): SshFields {
  const { address = '', user, bastion: before } = bastion
  const alone = { set: user === undefined ? {} : { user }, from: {}, bastion: null }
  const { settings } = sshResolver(surroundings)(alone, address)
  const kept = names.filter((name) => name in host).map((name) => [name, settings[name]])
  return {
    ...Object.fromEntries(kept),
    ...bastion,
    ...(typeof before === 'object' && { bastion: shield(before, host, names, surroundings) }),
  }
}

function fromHere(ssh: SshFields): SshFields {
  const absolute = (path: string) => (path.startsWith('~') ? path : resolve(path))
  const { bastion, config, identityFile, knownHosts } = ssh
  return {
    ...ssh,
    ...(identityFile && { identityFile: identityFile.map(absolute) }),
    ...(knownHosts && { knownHosts: knownHosts.map(absolute) }),
    ...(config !== undefined && config !== 'none' && { config: absolute(config) }),
    ...(typeof bastion === 'object' && { bastion: fromHere(bastion) }),
  }
}
