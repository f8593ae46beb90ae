import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { YurtSshError } from '../errors.js'
import { type BastionText, isAddress, parseBastions } from './address.js'
import type { ConfigAnswers } from './ssh-config-answers.js'
import type { ConfigLine } from './ssh-config-lines.js'
import { expandPath, expandTokens, seconds, type TokenValues } from './ssh-tokens.js'
import type { HostKeyPolicy } from './types.js'

/** What could make a difference to whether, and how safely, a host is reached. */
const notHonoured = [
  'AddressFamily',
  'CertificateFile',
  'Ciphers',
  'GSSAPIAuthentication',
  'HostKeyAlgorithms',
  'HostKeyAlias',
  'IdentityAgent',
  'KbdInteractiveAuthentication',
  'KexAlgorithms',
  'KnownHostsCommand',
  'MACs',
  'PasswordAuthentication',
  'PKCS11Provider',
  'PreferredAuthentications',
  'PubkeyAcceptedAlgorithms',
  'PubkeyAuthentication',
  'SecurityKeyProvider',
  'VerifyHostKeyDNS',
]
/** Said by distributions for every host, and of no effect here. */
const harmless =
  /^(gssapiauthentication|passwordauthentication|kbdinteractiveauthentication|pubkeyauthentication|addressfamily|verifyhostkeydns) (yes|no|any|none|false|ask)$/i

/** Lines of an answer that are not honoured and could matter, as `Keyword (file:line)`. */
export function ignoredLines({ first }: ConfigAnswers): string[] {
  return notHonoured.flatMap((name) => {
    const line = first.get(name.toLowerCase())
    return line === undefined || harmless.test(`${line.keyword} ${line.raw}`)
      ? []
      : [`${name} (${line.place})`]
  })
}

export function configError(line: ConfigLine, what: string, hint?: string): YurtSshError {
  return new YurtSshError('SSH_CONFIG', `${line.place}: ${what}`, {
    hint: hint ?? 'set it in the inventory, or leave the file aside with `ssh: { config: none }`',
  })
}

const word = (line: ConfigLine) => line.words[0] ?? ''

export function hostNameOf(line: ConfigLine, alias: string): string {
  const name = tokens(line, () => expandTokens(word(line), { h: alias, n: alias }))
  if (isAddress(name)) return name
  throw configError(line, `HostName ${JSON.stringify(name)} is no address and no DNS name`)
}

export function portOf(line: ConfigLine): number {
  const port = /^\d+$/.test(word(line)) ? Number(word(line)) : 0
  if (port >= 1 && port <= 65535) return port
  throw configError(line, `Port ${JSON.stringify(word(line))} is no port`)
}

export function secondsOf(line: ConfigLine): number {
  const value = seconds(word(line))
  if (value !== undefined) return value
  throw configError(line, `${line.keyword} ${JSON.stringify(word(line))} is no time`)
}

export function countOf(line: ConfigLine): number {
  const value = Number(word(line))
  if (Number.isInteger(value) && value >= 0) return value
  throw configError(line, `${line.keyword} ${JSON.stringify(word(line))} is no number`)
}

export function flagOf(line: ConfigLine): boolean {
  const value = word(line).toLowerCase()
  if (value === 'yes' || value === 'true') return true
  if (value === 'no' || value === 'false') return false
  throw configError(line, `${line.keyword} ${JSON.stringify(word(line))} is neither yes nor no`)
}

/** There is nobody to ask for each host, so `ask` is `yes`. */
export function policyOf(line: ConfigLine): HostKeyPolicy {
  const value = word(line).toLowerCase()
  if (value === 'accept-new') return 'accept-new'
  if (['no', 'off', 'false'].includes(value)) return 'off'
  if (['yes', 'true', 'ask'].includes(value)) return 'strict'
  throw configError(line, `${line.keyword} ${JSON.stringify(word(line))} is no policy for host keys`)
}

/** The keys that are there: OpenSSH passes over the others. */
export function identityFilesOf(lines: readonly ConfigLine[], values: TokenValues): string[] {
  const paths = lines
    .filter((line) => word(line).toLowerCase() !== 'none')
    .map((line) =>
      absolute(
        tokens(line, () => expandPath(word(line), values, process.env)),
        values,
      ),
    )
  return [...new Set(paths)].filter((path) => existsSync(path))
}

/** Files of known hosts; `none` is an empty one, so that nothing is recorded elsewhere. */
export function knownHostsOf(line: ConfigLine, values: TokenValues): string[] {
  return line.words.map((file) =>
    file.toLowerCase() === 'none'
      ? '/dev/null'
      : absolute(
          tokens(line, () => expandPath(file, values, process.env)),
          values,
        ),
  )
}

function absolute(path: string, { d }: TokenValues): string {
  return path.startsWith('/') ? path : join(d, '.ssh', path)
}

/** The hops of ProxyJump, the nearest first; undefined for `none`. */
export function jumpsOf(line: ConfigLine): BastionText[] | undefined {
  if (line.raw.toLowerCase() === 'none') return undefined
  // not words: ssh knows no quotes here, and with a comment after it `none` is a host
  const text = line.raw.replace(/\s*#.*/, '')
  const hops = parseBastions(text)
  if (hops !== undefined) return hops
  throw configError(line, `ProxyJump ${JSON.stringify(text)} is not user@host:port`)
}

/** The command of ProxyCommand; undefined for `none`. What fills its tokens can be no shell code. */
export function commandOf(line: ConfigLine, values: TokenValues): string | undefined {
  if (line.raw.toLowerCase() === 'none') return undefined
  const { h, n, p, r } = values
  const unfit = [h, n, p, r].find((value) => !/^[\w.@:%+-]*$/.test(value) || value.startsWith('-'))
  if (unfit !== undefined)
    throw configError(line, `ProxyCommand cannot have ${JSON.stringify(unfit)} put into it`)
  return tokens(line, () => expandTokens(line.raw, { h, n, p, r }))
}

function tokens(line: ConfigLine, expand: () => string): string {
  try {
    return expand()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    const what = cause.message.startsWith('$') ? 'is not set in the environment' : 'is not known here'
    throw configError(line, `${cause.message} in ${line.keyword} ${what}`)
  }
}
