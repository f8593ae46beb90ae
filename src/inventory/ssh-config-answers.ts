import { matchesPatterns } from './pattern.js'
import type { ConfigBlock, ConfigLine } from './ssh-config-lines.js'

/** What an ssh_config says of one host. */
export interface ConfigAnswers {
  /** The first line of each keyword that holds. */
  first: ReadonlyMap<string, ConfigLine>
  /** All IdentityFile lines: the one keyword of ours that adds up. */
  identityFiles: ConfigLine[]
  /**
   * Lines that would hold if a condition did that is never looked at, such as `Match exec`: nobody knows what `ssh` would
   * do. Only those whose keyword nothing before them has set.
   */
  uncertain: { line: ConfigLine; condition: string }[]
}

/** Who is asked about: `alias` is what one would type after `ssh`, `user` what comes before ssh_config. */
export interface ConfigQuestion {
  alias: string
  user?: string
  localUser: string
}

type Verdict = { holds: boolean; condition?: string }

/** Goes through the lines once, the first value of a keyword wins (ssh_config(5)). */
export function askConfig(lines: readonly ConfigLine[], question: ConfigQuestion): ConfigAnswers {
  const first = new Map<string, ConfigLine>()
  const identityFiles: ConfigLine[] = []
  const uncertain: ConfigAnswers['uncertain'] = []
  const verdicts = new Map<ConfigBlock, Verdict>()

  /** A block is judged when its first line is met: `Match host` looks at the HostName that holds until then. */
  function judge(block: ConfigBlock | undefined): Verdict {
    if (block === undefined) return { holds: true }
    const known = verdicts.get(block)
    if (known !== undefined) return known
    const outer = judge(block.parent)
    const own = outer.holds ? judgeBlock(block, question, first) : outer
    const condition = own.condition ?? outer.condition
    const verdict = { holds: own.holds, ...(condition !== undefined && { condition }) }
    verdicts.set(block, verdict)
    return verdict
  }

  for (const line of lines) {
    const { holds, condition } = judge(line.block)
    if (!holds || isSettled(line.keyword, first) || isOpen(line)) continue
    if (condition !== undefined) uncertain.push({ line, condition })
    else if (line.keyword === 'identityfile') identityFiles.push(line)
    else first.set(line.keyword, line)
  }
  return { first, identityFiles, uncertain }
}

/** ProxyJump and ProxyCommand exclude each other; whether `ProxyJump none` does, versions of OpenSSH differ: both are kept. */
function isSettled(keyword: string, first: ReadonlyMap<string, ConfigLine>): boolean {
  const jump = first.get('proxyjump')
  if (keyword === 'proxyjump' && first.has('proxycommand')) return true
  if (keyword === 'proxycommand' && jump !== undefined && jump.raw.toLowerCase() !== 'none') return true
  return first.has(keyword)
}

/** A time of `none` is the same to OpenSSH as a line that is not there: a later one counts. */
function isOpen({ keyword, words }: ConfigLine): boolean {
  return ['connecttimeout', 'serveraliveinterval'].includes(keyword) && words[0] === 'none'
}

function judgeBlock(
  { keyword, words }: ConfigBlock,
  { alias, user, localUser }: ConfigQuestion,
  first: ReadonlyMap<string, ConfigLine>,
): Verdict {
  if (keyword === 'host') return { holds: matchesPatterns(words, alias) }
  const host = (first.get('hostname')?.words[0] ?? alias).replaceAll('%h', alias).replaceAll('%%', '%')
  const values: Readonly<Record<string, string>> = {
    host,
    originalhost: alias,
    user: user ?? first.get('user')?.words[0] ?? localUser,
    localuser: localUser,
  }
  let condition: string | undefined
  for (let at = 0; at < words.length; at++) {
    const [, negated, name = ''] = /^(!?)(.*)$/.exec(words[at]?.toLowerCase() ?? '') ?? []
    if (name === 'all') continue
    // Never so here: names are not made canonical.
    if (name === 'canonical' && !negated) return { holds: false }
    if (name === 'canonical') continue
    const text = values[name]
    if (text === undefined) {
      condition ??= `Match ${name}`
      if (name !== 'final') at++
      continue
    }
    const holds = matchesPatterns((words[++at] ?? '').split(','), text)
    if (holds === (negated === '!')) return { holds: false }
  }
  return { holds: true, ...(condition !== undefined && { condition }) }
}
