/** Arguments of the hub that yurt-ssh sets itself, and what to use instead. */
const ownArgs = new Map([
  ['server-addr', 'set openyurt.serverAddr'],
  ['node-name', "set the host's node"],
  ['join-token', 'it gets a token of its own'],
  ['working-mode', "set the host's role"],
])

export interface HubArgProblem {
  index: number
  message: string
}

/** What is wrong with a list of hub arguments, each by its index. */
export function hubArgProblems(args: readonly string[]): HubArgProblem[] {
  const problems = args.flatMap((arg, index) => {
    const message = hubArgProblem(arg)
    return message === undefined ? [] : [{ index, message }]
  })
  // That flag alone makes the hub send every container created from then on to 127.0.0.1:10268, its own loopback.
  if (isOff(args, 'enable-dummy-if') && !isOff(args, 'access-server-through-hub')) {
    const index = args.findLastIndex((arg) => nameOf(arg) === 'enable-dummy-if')
    problems.push({ index, message: 'needs --access-server-through-hub=false beside it' })
  }
  return problems
}

function hubArgProblem(arg: string): string | undefined {
  const name = nameOf(arg)
  if (name === undefined) return `must be --name or --name=value, ${JSON.stringify(arg)} is not`
  const instead = ownArgs.get(name)
  return instead === undefined ? undefined : `must not be --${name}, which yurt-ssh sets: ${instead}`
}

/** The logging flags of klog have underscores; everywhere else a dash is meant. */
function nameOf(arg: string): string | undefined {
  return /^--([a-z0-9][a-z0-9_-]*)(?:=\P{Cc}*)?$/u.exec(arg)?.[1]?.replaceAll('_', '-')
}

/** Whether a flag is set to false, the last one counting; the spellings are those of Go's strconv.ParseBool. */
function isOff(args: readonly string[], name: string): boolean {
  const value = args.findLast((arg) => nameOf(arg) === name)?.split('=', 2)[1]
  return value !== undefined && /^(0|f|F|false|False|FALSE)$/.test(value)
}
