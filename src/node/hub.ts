import type { HubCommand, HubRelease } from '../releases/types.js'
import { render, type TemplateContext } from '../templates.js'

export interface HubOptions extends HubCommand {
  image: string
  /** The operator's own `--name=value` arguments. */
  hubArgs: readonly string[]
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

/** The hub's static pod manifest. */
export function renderHubManifest({ image, hubArgs, ...settings }: HubOptions, hub: HubRelease): string {
  return renderOnce(hub.template, { image, command: [...hub.command(settings), ...hubArgs] })
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
