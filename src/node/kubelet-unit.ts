import { environmentOf } from './environment-file.js'
import { flagUses } from './flags.js'
import {
  argumentProblems,
  expand,
  flagsFileProblems,
  type KubeletProblem,
  kubeconfigProblems,
  mainProcessProblems,
  missing,
} from './kubelet-problems.js'
import type { HostFacts, KubeletFacts } from './types.js'
import { inForce, parseUnitText, unitEnvironment } from './unit-file.js'
import { splitWords } from './words.js'

/** How systemd starts the kubelet. */
export interface KubeletUnit {
  /** Words of the ExecStart= in force, variables not yet replaced; empty when there is none. */
  execStart: string[]
  /** File and line of that ExecStart=; '' when there is none. */
  place: string
  /** The EnvironmentFile= that KUBELET_KUBEADM_ARGS comes from. */
  flagsFile: string | undefined
  problems: KubeletProblem[]
}

/**
 * Reads how the kubelet is started, and why flags added to its kubeadm-flags.env would not be the last word on
 * its command line. The kubelet takes the last of several `--kubeconfig` (pflag, StringVar); `ours` is the one that leads
 * to the hub.
 */
export function readKubeletUnit(facts: KubeletFacts, ours: string, flagsText = ''): KubeletUnit {
  const settings = parseUnitText(facts.unitText)
  const exec = inForce(settings, 'Service', 'ExecStart').at(-1)
  const flagsFile = facts.environmentFiles.findLast((path) => path.endsWith('/kubeadm-flags.env'))
  const execStart = exec ? splitWords(exec.value).map(({ text }) => text) : []
  const unit = { execStart, place: exec?.place ?? '', flagsFile }
  if (facts.loadState !== 'loaded' || !exec) return { ...unit, problems: [missing(facts)] }
  const problems = [
    ...argumentProblems(exec, execStart),
    ...flagsFileProblems(facts, flagsFile, exec.place),
    ...mainProcessProblems(facts),
    ...kubeconfigProblems(facts, kubeletEnvironment(facts, flagsText), { ...unit, ours }),
  ]
  return { ...unit, problems }
}

/** The variables that the kubelet is started with: of an environment file, the later ones win over the earlier. */
function kubeletEnvironment(facts: KubeletFacts, flagsText: string): Map<string, string> {
  const files = [environmentOf(flagsText), environmentOf(facts.extraEnvironment)]
  if (facts.environmentFiles.at(-1)?.endsWith('/kubeadm-flags.env')) files.reverse()
  return new Map([unitEnvironment(parseUnitText(facts.unitText)), ...files].flatMap((found) => [...found]))
}

/** The running kubelet's arguments; of a stopped one those that its unit and environment files would give it. */
export function kubeletArguments({ kubelet, files }: HostFacts): string[] {
  if (kubelet.commandLine.length > 0) return kubelet.commandLine
  const exec = inForce(parseUnitText(kubelet.unitText), 'Service', 'ExecStart').at(-1)
  const environment = kubeletEnvironment(kubelet, files.flags.content ?? '')
  return splitWords(exec?.value ?? '').flatMap(({ text }) => expand(text, environment))
}

/**
 * Value of the last use of a flag, the one that counts; '' when it is bare or empty, undefined when it is not
 * there.
 */
export function lastFlag(commandLine: readonly string[], name: string): string | undefined {
  const use = flagUses(commandLine, name).at(-1)
  return use && (use.value ?? '')
}
