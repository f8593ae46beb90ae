import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CommonOptions } from '../commands/options.js'
import { seconds } from './duration.js'
import { type RolloutFlags, rolloutFlags } from './rollout-flags.js'

/** What commander reads; a flag that was not given is absent. */
export interface Flags extends RolloutFlags {
  inventory: string[]
  inventoryFormat?: 'native' | 'ansible'
  kubeconfig?: string
  openyurtVersion?: string
  limit?: string[]
  forks: number
  ignorePreflightErrors?: string[]
  askBecomePass?: boolean
  json?: boolean
  yes?: boolean
  check?: boolean
  diff?: boolean
  cloudNodes?: string[]
  autonomousNodes?: string[]
  deployYurttunnel?: boolean
  yurtTunnelServerAddress?: string
  enableAppManager?: boolean
  yurthubHealthcheckTimeout: number
  joinToken?: boolean
  restartPods?: boolean
  leaveBehind?: string[]
  adopt?: boolean
  podManifestPath?: string
  kubeadmConfPath?: string
  provider?: string
  yurthubImage?: string
  yurtControllerManagerImage?: string
  yurtTunnelServerImage?: string
  yurtTunnelAgentImage?: string
  yurtAppManagerImage?: string
}

/** yurtctl's --provider: what the host itself does not tell. */
const providers: Record<string, Pick<Flags, 'kubeadmConfPath' | 'podManifestPath'>> = {
  kubeadm: {},
  kind: {},
  minikube: { podManifestPath: '/etc/kubernetes/manifests' },
}

/** Flags of every command that looks at the fleet. */
export function fleetFlags(command: Command): Command {
  return inventoryFlags(command)
    .option('--kubeconfig <file>', "kubeconfig, instead of the inventory's")
    .option('--openyurt-version <release>', "OpenYurt release, instead of the inventory's")
    .addOption(list('-l, --limit <patterns>', 'work only these hosts or groups'))
    .addOption(new Option('-f, --forks <n>', 'hosts worked at a time').argParser(positive).default(30))
    .option('-K, --ask-become-pass', 'ask for the sudo password, once, when a host needs one')
    .addOption(list('--ignore-preflight-errors <checks>', 'checks whose failure is only a warning'))
    .addOption(new Option('-p, --provider <name>', 'preset of paths').choices(Object.keys(providers)))
    .option('--kubeadm-conf-path <file>', "the kubelet's drop-in, where systemd does not show it")
    .option('--pod-manifest-path <dir>', 'folder of static pods, where the kubelet does not say')
    .option('--json', 'print the result as JSON')
}

/** Flags that say how a converted cluster looks: what convert makes and status compares with. */
export function conversionFlags(command: Command): Command {
  return command
    .addOption(list('-c, --cloud-nodes <names>', 'cloud nodes; every other host is then edge'))
    .addOption(
      list(
        '-a, --autonomous-nodes <names>',
        'edge nodes whose pods stay when they are offline (default: all)',
      ),
    )
    .option('-t, --deploy-yurttunnel', 'deploy yurt-tunnel-server and yurt-tunnel-agent')
    .option('--yurt-tunnel-server-address <host:port>', 'where tunnel agents connect to')
    .option('-e, --enable-app-manager', 'deploy yurt-app-manager')
    .option('--join-token', 'let hubs bootstrap by a token of this run')
    .addOption(
      new Option('--yurthub-healthcheck-timeout <duration>', 'how long a hub may take to become healthy')
        .argParser(seconds)
        .default(defaultHubTimeoutSeconds, '3m'),
    )
    .option('--yurthub-image <image>', "image of yurthub, instead of the inventory's")
    .option(
      '--yurt-controller-manager-image <image>',
      "image of yurt-controller-manager, instead of the inventory's",
    )
    .option('--yurt-tunnel-server-image <image>', "image of yurt-tunnel-server, instead of the inventory's")
    .option('--yurt-tunnel-agent-image <image>', "image of yurt-tunnel-agent, instead of the inventory's")
    .option('--yurt-app-manager-image <image>', "image of yurt-app-manager, instead of the inventory's")
}

/** Flags of the commands that change something. */
export function changeFlags(command: Command): Command {
  return rolloutFlags(command)
    .option('--check', 'only show what would change; exit code 10 when anything would')
    .option('--diff', 'show every change of files and objects')
    .option('-y, --yes', 'do not ask')
    .option(
      '--restart-pods',
      'restart pods whose containers look for the API server in the wrong place afterwards',
    )
}

/** Flags that may stand several times; a default of theirs is a list. */
export const repeatable: readonly string[] = ['inventory']

/** The flags that name the inventory: `-i` may stand several times. */
export function inventoryFlags(command: Command): Command {
  const format = new Option(
    '--inventory-format <format>',
    'format of the files, by default told by their content',
  )
  return command
    .addOption(
      new Option('-i, --inventory <file>', 'inventory file, - for standard input; more than one are merged')
        // the first one given takes the place of a default, the others join it
        .argParser((file, files: string[] = []) =>
          command.getOptionValueSource('inventory') === 'cli' ? [...files, file] : [file],
        )
        .makeOptionMandatory(),
    )
    .addOption(format.choices(['native', 'ansible']))
}

/** A flag whose value is a comma-separated list. */
export function list(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value) => value.split(',').map((name) => name.trim()))
}

/** The flags as commands take them. */
export function commonOptions(given: Flags): CommonOptions {
  const flags = { ...providers[given.provider ?? 'kubeadm'], ...given }
  return {
    inventory: flags.inventory,
    ...optional('inventoryFormat', flags.inventoryFormat),
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
    askBecomePass: flags.askBecomePass ?? false,
    plan: {
      ...optional('autonomousNodes', flags.autonomousNodes),
      deployTunnel: flags.deployYurttunnel ?? false,
      ...optional('tunnelServerAddress', flags.yurtTunnelServerAddress),
      enableAppManager: flags.enableAppManager ?? false,
      hubTimeoutSeconds: flags.yurthubHealthcheckTimeout ?? defaultHubTimeoutSeconds,
      joinToken: flags.joinToken ?? false,
      restartPods: flags.restartPods ?? false,
      ...optional('podManifestPath', flags.podManifestPath),
      ...optional('kubeadmConfPath', flags.kubeadmConfPath),
      leaveBehind: flags.leaveBehind ?? [],
      adopt: flags.adopt ?? false,
    },
  }
}

/** v0.6.1 takes 40 s at its first start at the least. */
const defaultHubTimeoutSeconds = 180

function optional<K extends string, V>(key: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [name in K]: V })
}

/** A whole number from 1, as commander reads a flag's value. */
export function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number from 1')
  return number
}
