import type { Host, SecretSource, SshHop, SshSettings } from '../inventory/types.js'

/** Variables of the environment that hold secrets. */
export interface SecretVariables {
  readonly values: NodeJS.ProcessEnv
  giveBack(): void
}

/**
 * Takes the variables that the secrets of these hosts come from out of the environment: no command that we start, such as a
 * ProxyCommand, is to inherit them.
 */
export function holdSecretVariables(
  hosts: readonly Host[],
  env: NodeJS.ProcessEnv = process.env,
): SecretVariables {
  const values: NodeJS.ProcessEnv = {}
  for (const name of new Set(hosts.flatMap(({ ssh }) => variablesOf(ssh)))) {
    const value = env[name]
    if (value === undefined) continue
    values[name] = value
    delete env[name]
  }
  return { values, giveBack: () => void Object.assign(env, values) }
}

function variablesOf(hop: SshHop & Pick<SshSettings, 'sudoPassword'>): string[] {
  const sources = [hop.password, hop.passphrase, hop.sudoPassword]
  const named = sources.flatMap((source: SecretSource | undefined) =>
    typeof source === 'object' && 'env' in source ? [source.env] : [],
  )
  return hop.bastion === undefined ? named : [...named, ...variablesOf(hop.bastion)]
}
