/** The flags of yurthub v0.6.1 and their defaults; those that the stand-in only accepts are here too. */
const defaults = {
  'bind-address': '127.0.0.1',
  'serve-port': '10267',
  'proxy-port': '10261',
  'proxy-secure-port': '10268',
  'server-addr': '',
  'node-name': '',
  'nodepool-name': '',
  'working-mode': 'edge',
  'join-token': '',
  'hub-cert-organizations': '',
  'cert-mgr-mode': 'hubself',
  'kubelet-ca-file': '/etc/kubernetes/pki/ca.crt',
  'kubelet-client-certificate': '/var/lib/kubelet/pki/kubelet-client-current.pem',
  'root-dir': '/var/lib/yurthub',
  'disk-cache-path': '/etc/kubernetes/cache/',
  'gc-frequency': 120,
  'lb-mode': 'rr',
  'heartbeat-failed-retry': 3,
  'heartbeat-healthy-threshold': 2,
  'heartbeat-timeout-seconds': 2,
  'max-requests-in-flight': 250,
  'kubelet-health-grace-period': '40s',
  'enable-dummy-if': true,
  'enable-iptables': true,
  'dummy-if-ip': '169.254.2.1',
  'dummy-if-name': 'yurthub-dummy0',
  'access-server-through-hub': true,
  'enable-resource-filter': true,
  'disabled-resource-filters': '',
  profiling: true,
  version: false,
  help: false,
  v: 0,
  vmodule: '',
  logtostderr: true,
  alsologtostderr: false,
  stderrthreshold: 2,
  'log-flush-frequency': '5s',
  log_dir: '',
  log_file: '',
  log_file_max_size: 1800,
  log_backtrace_at: ':0',
  add_dir_header: false,
  skip_headers: false,
  skip_log_headers: false,
  one_output: false,
}

type Flag = keyof typeof defaults
type Flags = Record<Flag, string | number | boolean>

export interface HubOptions {
  flags: Flags
  node: string
  edge: boolean
  /** `https://host:port`, the first one is what it bootstraps from. */
  servers: string[]
  /** Ports of health, proxy and secure proxy. */
  ports: [health: number, proxy: number, secure: number]
  /** Milliseconds. */
  kubeletGrace: number
}

/** What the hub exits with: 2 for a command line that it cannot read, 255 for one that makes no sense. */
export type HubRefusal = { status: 2 | 255; words: string }

export function hubOptions(args: readonly string[]): HubOptions | HubRefusal {
  const read = readFlags(args)
  if ('words' in read) return read
  const text = (name: Flag): string => String(read[name])
  const refused = (words: string): HubRefusal => ({ status: 255, words: `validate options: ${words}` })
  const node = text('node-name')
  const mode = text('working-mode')
  if (node === '') return refused('node name is empty')
  if (text('server-addr') === '') return refused('server-address is empty')
  if (!['rr', 'priority'].includes(text('lb-mode')))
    return refused(`lb mode(${text('lb-mode')}) is not supported`)
  if (text('cert-mgr-mode') !== 'hubself')
    return refused(`cert manage mode ${text('cert-mgr-mode')} is not supported`)
  if (mode !== 'edge' && mode !== 'cloud') return refused(`working mode ${mode} is not supported`)
  if (!/^169\.254\.\d+\.\d+$/.test(text('dummy-if-ip')))
    return refused(`dummy if ip ${text('dummy-if-ip')} is invalid`)
  const servers = text('server-addr').split(',')
  const bad = servers.find((server) => !server.startsWith('https://') || !URL.canParse(server))
  if (bad !== undefined) return refused(`server ${bad}: only https is supported`)
  return {
    flags: read,
    node,
    edge: mode === 'edge',
    servers,
    ports: [Number(read['serve-port']), Number(read['proxy-port']), Number(read['proxy-secure-port'])],
    kubeletGrace: milliseconds(text('kubelet-health-grace-period')) ?? 40_000,
  }
}

function readFlags(args: readonly string[]): Flags | HubRefusal {
  const flags: Flags = { ...defaults }
  const misuse = (words: string): HubRefusal => ({ status: 2, words })
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? ''
    const [, name = '', given] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    if (!Object.hasOwn(defaults, name))
      return misuse(name === '' ? `unknown command ${word}` : `unknown flag: --${name}`)
    const flag = name as Flag
    const kind = typeof defaults[flag]
    const value = given ?? (kind === 'boolean' ? 'true' : args[++at])
    if (value === undefined) return misuse(`flag needs an argument: --${name}`)
    const parsed = parse(kind, value)
    if (parsed === undefined) return misuse(`invalid argument "${value}" for "--${name}" flag`)
    flags[flag] = parsed
  }
  if (milliseconds(String(flags['kubelet-health-grace-period'])) === undefined)
    return misuse('invalid argument for "--kubelet-health-grace-period" flag')
  return flags
}

function parse(kind: string, value: string): string | number | boolean | undefined {
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : undefined
  if (kind === 'number') return /^-?\d+$/.test(value) ? Number(value) : undefined
  return value
}

/** Of a Go duration of one unit. */
function milliseconds(duration: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(duration) ?? []
  const factor = ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as Record<string, number>)[unit]
  return factor === undefined ? undefined : Number(number) * factor
}
