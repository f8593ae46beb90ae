import { hostname } from 'node:os'

/** What `%` tokens stand for. */
export interface TokenValues {
  /** HostName, once it is known. */
  h: string
  /** What was asked for. */
  n: string
  p: string
  r: string
  u: string
  d: string
}

/**
 * A value of ssh_config with its tokens replaced.
 * @throws RangeError the token, when it is not one that is known
 */
export function expandTokens(text: string, values: Partial<TokenValues>): string {
  const known: Readonly<Record<string, string>> = { ...values, l: hostname(), '%': '%' }
  return text.replace(/%(.?)/g, (token, letter: string) => {
    const value = known[letter]
    if (value === undefined) throw new RangeError(token)
    return value
  })
}

/**
 * A path of ssh_config: `~/` and `${VARIABLE}` as well.
 * @throws RangeError the token that is not known, or the variable that is not set
 */
export function expandPath(text: string, values: TokenValues, env: NodeJS.ProcessEnv): string {
  const home = text === '~' || text.startsWith('~/') ? values.d + text.slice(1) : text
  return expandTokens(home, values).replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    const value = env[name]
    if (value === undefined) throw new RangeError(whole)
    return value
  })
}

/** Seconds of a time as ssh_config has it: `90`, `1m30s`; undefined when it is none. */
export function seconds(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400, w: 604800 }
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return undefined
  return [...text.matchAll(/(\d+)([smhdw]?)/gi)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units[unit.toLowerCase()] ?? 1),
    0,
  )
}
