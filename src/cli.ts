import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { ChangeResult } from './commands/change.js'
import type { CommonOptions, Surroundings } from './commands/options.js'
import { ExitCode, exitCodeOf, messageOf, YurtSshError } from './errors.js'
import type { Plan } from './plan/types.js'
import { renderChecks } from './report/checks.js'
import { toJson } from './report/json.js'
import { renderPlan, summarizePlan } from './report/plan.js'
import { createProgress } from './report/progress.js'
import { renderError, renderRecap } from './report/recap.js'
import { renderStatus } from './report/status.js'

interface Flags {
  inventory: string
  kubeconfig?: string
  openyurtVersion?: string
  limit?: string[]
  forks: number
  ignorePreflightErrors?: string[]
  json?: boolean
  yes?: boolean
  check?: boolean
  diff?: boolean
  cloudNodes?: string[]
  autonomousNodes?: string[]
  deployYurttunnel?: boolean
  yurtTunnelServerAddress?: string
  enableAppManager?: boolean
  yurthubHealthcheckTimeout?: number
  joinToken?: boolean
  restartPods?: boolean
  leaveBehind?: string[]
  podManifestPath?: string
  kubeadmConfPath?: string
  provider?: string
  yurthubImage?: string
  yurtControllerManagerImage?: string
  yurtTunnelServerImage?: string
  yurtTunnelAgentImage?: string
  yurtAppManagerImage?: string
}

/** yurtctl's --provider: where these set the kubelet up, for hosts whose systemd does not say. */
const providers: Record<string, Pick<Flags, 'kubeadmConfPath' | 'podManifestPath'>> = {
  kubeadm: {},
  kind: { kubeadmConfPath: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf' },
  minikube: {
    kubeadmConfPath: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
    podManifestPath: '/etc/kubernetes/manifests',
  },
}

const names = (value: string): string[] => value.split(',').map((name) => name.trim())

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.done
  const program = createProgram((code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (isCommanderExit(error)) return error.exitCode === 0 ? 0 : ExitCode.usage
    process.stderr.write(
      `${error instanceof YurtSshError ? renderError(error) : `bug: ${error instanceof Error ? error.stack : messageOf(error)}`}\n`,
    )
    return exitCodeOf(error)
  }
  return exitCode
}

function createProgram(finish: (exitCode: ExitCode) => void): Command {
  const program = new Command('yurt-ssh')
    .description('Turns a running Kubernetes cluster into an OpenYurt cluster, and back, over SSH.')
    .version(version(), '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')

  common(program.command('convert').description('convert hosts and cluster to OpenYurt'))
    .addOption(
      new Option('-c, --cloud-nodes <names>', 'cloud nodes; every other host is then edge').argParser(names),
    )
    .addOption(
      new Option(
        '-a, --autonomous-nodes <names>',
        'edge nodes whose pods stay when they are offline (default: all)',
      ).argParser(names),
    )
    .option('-t, --deploy-yurttunnel', 'deploy yurt-tunnel-server and yurt-tunnel-agent')
    .option('--yurt-tunnel-server-address <host:port>', 'where tunnel agents connect to')
    .option('-e, --enable-app-manager', 'deploy yurt-app-manager')
    .option('--join-token', 'let hubs bootstrap by a token of this run')
    .addOption(changing())
    .option('--diff', 'show every change of files and objects')
    .option('-y, --yes', 'do not ask')
    .option('--restart-pods', 'restart pods that should go through the hub from now on')
    .action(async (flags: Flags) => {
      const { convert } = await import('./commands/convert.js')
      finish(await change(convert, flags))
    })

  common(program.command('revert').description('take OpenYurt out again, byte for byte'))
    .addOption(changing())
    .option('--diff', 'show every change of files and objects')
    .option('-y, --yes', 'do not ask')
    .option('--restart-pods', 'restart pods that still look for the API server at the hub')
    .addOption(
      new Option('--leave-behind <names>', 'go on although these hosts stay converted').argParser(names),
    )
    .action(async (flags: Flags) => {
      const { revert } = await import('./commands/revert.js')
      finish(await change(revert, flags))
    })

  common(program.command('status').description('show what differs from converted; changes nothing')).action(
    async (flags: Flags) => {
      const { status } = await import('./commands/status.js')
      const result = await status(commonOptions(flags), surroundings(flags))
      print(flags, result, renderStatus(result.hosts, result.plan, result.unsettled))
      finish(result.exitCode)
    },
  )

  common(program.command('preflight').description('check what a conversion needs; changes nothing')).action(
    async (flags: Flags) => {
      const { preflight } = await import('./commands/preflight.js')
      const result = await preflight(commonOptions(flags), surroundings(flags))
      print(flags, result, renderChecks(result.checks))
      finish(result.exitCode)
    },
  )

  program
    .command('unlock')
    .description("take the cluster's lock away from a run that is dead")
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('-y, --yes', 'do not ask')
    .action(async (flags: Flags) => {
      const { unlock } = await import('./commands/unlock.js')
      const { broken } = await unlock(flags.inventory, (held) =>
        ask(
          flags,
          `The lock is held by ${held.holder} since ${held.since}, last renewed ${held.renewed}. Break it?`,
        ),
      )
      process.stdout.write(
        broken === undefined ? 'The cluster is not locked.\n' : `The lock of ${broken.holder} is broken.\n`,
      )
    })
  return program
}

function common(command: Command): Command {
  return command
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('--kubeconfig <file>', "kubeconfig, instead of the inventory's")
    .option('--openyurt-version <release>', "OpenYurt release, instead of the inventory's")
    .addOption(new Option('-l, --limit <patterns>', 'work only these hosts or groups').argParser(names))
    .addOption(new Option('-f, --forks <n>', 'hosts worked at a time').argParser(positive).default(30))
    .addOption(
      new Option('--ignore-preflight-errors <checks>', 'checks whose failure is only a warning').argParser(
        names,
      ),
    )
    .addOption(
      new Option('-p, --provider <name>', 'preset of paths').choices(['kubeadm', 'kind', 'minikube']),
    )
    .option('--kubeadm-conf-path <file>', "the kubelet's drop-in, where systemd does not show it")
    .option('--pod-manifest-path <dir>', 'folder of static pods, where the kubelet does not say')
    .addOption(
      new Option('--yurthub-healthcheck-timeout <duration>', 'how long a hub may take to become healthy')
        .argParser(seconds)
        .default(180, '3m'),
    )
    .option('--yurthub-image <image>')
    .option('--yurt-controller-manager-image <image>')
    .option('--yurt-tunnel-server-image <image>')
    .option('--yurt-tunnel-agent-image <image>')
    .option('--yurt-app-manager-image <image>')
    .option('--json', 'print the result as JSON')
}

function changing(): Option {
  return new Option('--check', 'only show what would change; exit code 10 when anything would')
}

async function change(
  command: (given: CommonOptions, surroundings: Surroundings) => Promise<ChangeResult>,
  flags: Flags,
): Promise<ExitCode> {
  const result = await command(commonOptions(flags), surroundings(flags))
  print(flags, result, renderChange(result, flags))
  return result.exitCode
}

function renderChange(result: ChangeResult, flags: Flags): string {
  if (result.run !== undefined) return renderRecap(result.run)
  const refused = result.checks.some(({ status }) => status === 'failed')
  if (refused) return `${renderChecks(result.checks)}\n\nRefused; nothing was touched.`
  const warnings = result.checks.filter(({ status }) => status === 'warning')
  return [
    ...(warnings.length === 0 ? [] : [renderChecks(warnings)]),
    ...result.unsettled,
    ...(result.plan === undefined ? [] : [renderPlan(result.plan, { diff: flags.diff ?? false })]),
  ].join('\n')
}

function commonOptions(given: Flags): CommonOptions {
  const flags = { ...providers[given.provider ?? 'kubeadm'], ...given }
  return {
    inventory: flags.inventory,
    ...optional('kubeconfig', flags.kubeconfig),
    ...optional('release', flags.openyurtVersion),
    ...optional('cloudNodes', flags.cloudNodes),
    images: {
      ...optional('yurthub', flags.yurthubImage),
      ...optional('yurtControllerManager', flags.yurtControllerManagerImage),
      ...optional('yurtTunnelServer', flags.yurtTunnelServerImage),
      ...optional('yurtTunnelAgent', flags.yurtTunnelAgentImage),
      ...optional('yurtAppManager', flags.yurtAppManagerImage),
    },
    limit: flags.limit ?? [],
    forks: flags.forks,
    ignorePreflightErrors: flags.ignorePreflightErrors ?? [],
    check: flags.check ?? false,
    plan: {
      ...optional('autonomousNodes', flags.autonomousNodes),
      deployTunnel: flags.deployYurttunnel ?? false,
      ...optional('tunnelServerAddress', flags.yurtTunnelServerAddress),
      enableAppManager: flags.enableAppManager ?? false,
      hubTimeoutSeconds: flags.yurthubHealthcheckTimeout ?? 180,
      joinToken: flags.joinToken ?? false,
      restartPods: flags.restartPods ?? false,
      ...optional('podManifestPath', flags.podManifestPath),
      ...optional('kubeadmConfPath', flags.kubeadmConfPath),
      leaveBehind: flags.leaveBehind ?? [],
    },
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [name in K]: V })
}

function surroundings(flags: Flags): Surroundings {
  return {
    signal: interruptions(),
    tell: (text) => void process.stderr.write(`${text}\n`),
    approve(plan) {
      process.stderr.write(`${renderPlan(plan, { diff: flags.diff ?? false })}\n\n`)
      return ask(flags, `About to ${summarizePlan(plan)}. Go on?`)
    },
    watch: (plan: Plan) => createProgress(plan, process.stderr),
  }
}

/** The first Ctrl-C stops at the next safe point, the second leaves at once: hosts finish or undo by themselves. */
function interruptions(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(ExitCode.interrupted)
      process.stderr.write(
        '\nStopping: no new host is begun, running ones finish or undo. Once more leaves at once.\n',
      )
      controller.abort()
    })
  }
  return controller.signal
}

async function ask(flags: Flags, question: string): Promise<boolean> {
  if (flags.yes === true) return true
  if (!process.stdin.isTTY) {
    throw new YurtSshError('USAGE_NOBODY_TO_ASK', 'there is no terminal to ask on', {
      hint: 'give --yes to go on without a question',
    })
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

function print(flags: Flags, result: object, text: string): void {
  process.stdout.write(`${flags.json === true ? toJson(result) : text}\n`)
}

function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number from 1')
  return number
}

/** `90s`, `3m`, `1h30m`, or plain seconds. */
function seconds(value: string): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(value)
  const [, hours, minutes, rest] = match ?? []
  const total = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0)
  if (match === null || total < 1) throw new InvalidArgumentError('must be a duration such as 90s or 3m')
  return total
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

function isCommanderExit(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')
}
