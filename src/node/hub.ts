import { render, type TemplateContext } from '../templates.js'

export interface HubOptions {
  image: string
  mode: 'edge' | 'cloud'
  /** One or more `https://host:port`, comma separated; the first one is what the hub bootstraps from. */
  serverAddr: string
  /** The operator's own `--name=value` arguments. */
  hubArgs: readonly string[]
  /** Bootstrap by token: its placeholder, filled in when the host's script is rendered. */
  joinToken?: string
}

/** Stands for the run's bootstrap token in plans and diffs. */
export const tokenPlaceholder = '{{token}}'

/** By what goes into them: the hosts of a fleet have a few different ones between them. */
const rendered = new Map<string, string>()

function renderOnce(name: string, context: TemplateContext): string {
  const key = JSON.stringify([name, context])
  const text = rendered.get(key) ?? render(name, context)
  rendered.set(key, text)
  return text
}

/**
 * The hub's static pod manifest. The flags are those that v0.6.1 knows: an unknown one makes it exit with status 2
 * (cmd/yurthub/app/options, tried).
 */
export function renderHubManifest(options: HubOptions): string {
  const command = [
    'yurthub',
    '--v=2',
    `--server-addr=${options.serverAddr}`,
    '--node-name=$(NODE_NAME)',
    `--working-mode=${options.mode}`,
    ...(options.joinToken === undefined ? [] : [`--join-token=${options.joinToken}`]),
    ...options.hubArgs,
  ]
  return renderOnce('hub/v0.6.1.yaml', { image: options.image, command })
}

/**
 * A bootstrap config without a token. v0.6.1 keeps it when its server is the first --server-addr and the cluster is
 * named `kubernetes`, and then asks for its certificate as the kubelet (pkg/yurthub/certificate/hubself, tried).
 */
export function renderBootstrapConfig(serverAddr: string, ca: string): string {
  return renderOnce('hub/bootstrap-hub.conf', {
    server: serverAddr.split(',')[0] ?? serverAddr,
    ca: Buffer.from(ca, 'utf8').toString('base64'),
  })
}

/**
 * Text with every bootstrap token masked, as facts carry manifests and as diffs, errors and JSON show anything: a flag's
 * value, and whatever has a token's form (kubeadm: [a-z0-9]{6}.[a-z0-9]{16}).
 */
export function maskToken(text: string): string {
  return text
    .replace(/(--join-token[= ])[^"'\s,]+/g, '$1********')
    .replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, '********')
}
