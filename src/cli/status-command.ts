import { type Command, Option } from 'commander'
import type { StatusResult } from '../commands/status.js'
import { type ExitCode, messageOf, YurtSshError } from '../errors.js'
import { commonOptions, conversionFlags, type Flags, fleetFlags, positive } from './flags.js'
import { repeat } from './repeat.js'
import { runDirFlag } from './run-flags.js'
import { askSecret, interruptions, jsonOf, print, tell } from './terminal.js'

type StatusFlags = Flags & { watch?: number | true; runDir?: string }

const defaultSeconds = 10

/** Adds `status`, once or repeated. */
export function statusCommand(program: Command, finish: (exitCode: ExitCode) => void): void {
  const command = program
    .command('status')
    .description('show what differs from converted, who holds the lock, what died; changes nothing')
  runDirFlag(conversionFlags(fleetFlags(command)))
    .addOption(
      new Option(
        '-w, --watch [seconds]',
        `show it again every so many seconds (${defaultSeconds})`,
      ).argParser(positive),
    )
    .action(async (flags: StatusFlags) => {
      const { status } = await import('../commands/status.js')
      const { createReadingLine } = await import('./reading-line.js')
      const { runsFolder } = await import('./runs-folder.js')
      const runs = runsFolder(flags)
      const answers = new Map<string, Promise<string>>()
      const askOnce = (question: string): Promise<string> => {
        const answer = answers.get(question) ?? askSecret(question)
        answers.set(question, answer)
        return answer
      }
      const ask = (signal: AbortSignal): Promise<StatusResult> =>
        status(commonOptions(flags), runs, { signal, tell, askSecret: askOnce, reading: createReadingLine() })
      if (flags.watch === undefined) {
        const result = await ask(interruptions())
        await print(flags.json === true, result, await textOf(result))
        finish(result.exitCode)
      } else finish(await watchStatus(ask, flags))
    })
}

async function watchStatus(
  ask: (signal: AbortSignal) => Promise<StatusResult>,
  { watch, json = false }: StatusFlags,
): Promise<ExitCode> {
  const { renderError } = await import('../report/recap.js')
  const { hostsText } = await import('../report/alike.js')
  const { refusedPassword } = await import('../plan/status.js')
  const end = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort())
  const seconds = typeof watch === 'number' ? watch : defaultSeconds
  return repeat({
    seconds,
    signal: end.signal,
    async show() {
      const result = await ask(end.signal)
      // one line per round: a stream of objects
      if (json) process.stdout.write(`${JSON.stringify(JSON.parse(await jsonOf(result)))}\n`)
      else process.stdout.write(`${heading(seconds)}\n${await textOf(result)}\n`)
      const refused = refusedPassword(result.hosts)
      if (refused.length > 0) {
        tell(`the watch ends, before it locks an account: a password was refused by ${hostsText(refused)}`)
        end.abort()
      }
      return result.exitCode
    },
    onError: (error) =>
      tell(`${heading(seconds)}\n${error instanceof YurtSshError ? renderError(error) : messageOf(error)}`),
  })
}

async function textOf(result: StatusResult): Promise<string> {
  const { renderStatus } = await import('../report/status.js')
  return renderStatus(result, Date.now())
}

/** On a terminal each round takes the place of the one before. */
function heading(seconds: number): string {
  const clear = process.stdout.isTTY ? '\u001b[H\u001b[2J' : ''
  return `${clear}${new Date().toISOString().slice(0, 19)}Z, every ${seconds} s, Ctrl-C ends\n`
}
