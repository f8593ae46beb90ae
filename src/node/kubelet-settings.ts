import { posix } from 'node:path'
import { parse } from 'yaml'
import { YurtSshError } from '../errors.js'
import { flagUses } from './flags.js'
import { lastFlag } from './kubelet-unit.js'
import { OUR_KUBECONFIG } from './redirect.js'

/**
 * The container engine, and the path of its socket: for docker its own, since that is what its images are
 * reached by.
 */
export interface Runtime {
  engine: 'docker' | 'containerd' | 'crio'
  socket: string
}

/** The kubeconfig that the kubelet would use without us. */
export function originalKubeconfigPath(commandLine: readonly string[]): string | undefined {
  return flagUses(commandLine, 'kubeconfig').findLast(({ value }) => value && value !== OUR_KUBECONFIG)?.value
}

/** The kubelet's configuration file; kubeadm's place for it when the command line names none. */
export function configPath(commandLine: readonly string[]): string {
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

/**
 * The runtime. Without --container-runtime=remote a kubelet up to 1.23 runs dockershim whatever the endpoint
 * says; since 1.24 kubeadm always names an endpoint, as a flag or, from 1.32 on, in the configuration.
 */
export function containerRuntime(configText: string | undefined, commandLine: readonly string[]): Runtime {
  const endpoint =
    lastFlag(commandLine, 'container-runtime-endpoint') || setting(configText, 'containerRuntimeEndpoint')
  const socket = endpoint?.replace(/^unix:\/\//, '')
  const docker = (lastFlag(commandLine, 'docker-endpoint') || '/var/run/docker.sock').replace(
    /^unix:\/\//,
    '',
  )
  if (socket === undefined || lastFlag(commandLine, 'container-runtime') === 'docker')
    return { engine: 'docker', socket: docker }
  if (/(dockershim|docker|dockerd)\.sock$/.test(socket)) return { engine: 'docker', socket: docker }
  if (/crio/.test(socket)) return { engine: 'crio', socket }
  if (/containerd/.test(socket)) return { engine: 'containerd', socket }
  throw new YurtSshError(
    'NODE_RUNTIME_UNKNOWN',
    `the kubelet's container runtime at ${socket} is none that yurt-ssh knows`,
    {
      hint: 'it must be Docker, containerd or CRI-O',
    },
  )
}

function setting(configText: string | undefined, name: string): string | undefined {
  const config: unknown = configText === undefined ? undefined : readConfig(configText)
  const value =
    typeof config === 'object' && config !== null ? (config as Record<string, unknown>)[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

function readConfig(text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new YurtSshError('NODE_KUBELET_CONFIG', "the kubelet's configuration is not YAML", {
      hint: 'the kubelet itself would not start with it: see `journalctl -u kubelet` on the host',
      cause,
    })
  }
}
