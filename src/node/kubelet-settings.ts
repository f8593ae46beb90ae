import { posix } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { YurtSshError } from '../errors.js'
import { lastFlag } from './kubelet-unit.js'

/** The kubelet's configuration file; kubeadm's place for it when the command line names none. */
function configPath(commandLine: readonly string[]): string {
  return lastFlag(commandLine, 'config') || '/var/lib/kubelet/config.yaml'
}

/**
 * The folder of static pods, undefined when the kubelet has none. A relative path in the configuration starts at
 * the configuration's own folder (kubernetes pkg/kubelet/kubeletconfig/configfiles, resolveRelativePaths).
 */
export function staticPodPath(
  configText: string | undefined,
  commandLine: readonly string[],
): string | undefined {
  const flag = lastFlag(commandLine, 'pod-manifest-path')
  if (flag) return flag
  const path = setting(configText, 'staticPodPath')
  return path === undefined ? undefined : posix.resolve(posix.dirname(configPath(commandLine)), path)
}

/**
 * Node name by --hostname-override, as the kubelet takes it: trimmed, in lower case (component-helpers,
 * node/util/hostname.go).
 */
export function nodeNameOverride(commandLine: readonly string[]): string | undefined {
  return lastFlag(commandLine, 'hostname-override')?.trim().toLowerCase() || undefined
}

function setting(configText: string | undefined, name: string): string | undefined {
  const config: unknown = configText === undefined ? undefined : readConfig(configText)
  const value =
    typeof config === 'object' && config !== null ? (config as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** By content: a plan reads it several times per host, and kubeadm writes the same for every host of a cluster. */
const known = new Map<string, unknown>()

function readConfig(text: string): unknown {
  if (!known.has(text)) known.set(text, parseConfig(text))
  return known.get(text)
}

/** As leniently as the kubelet: its first document counts, and the last of keys that are repeated. */
function parseConfig(text: string): unknown {
  const [first] = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' })
  try {
    if (first?.errors?.[0] !== undefined) throw first.errors[0]
    return first?.toJS()
  } catch (cause) {
    throw new YurtSshError('NODE_KUBELET_CONFIG', "the kubelet's configuration is not YAML", {
      hint: 'the kubelet itself would not start with it: see `journalctl -u kubelet` on the host',
      cause,
    })
  }
}
