import { environmentOf } from './environment-file.js'
import { flagUses } from './flags.js'
import { KUBEADM_ARGS } from './kubeadm-flags.js'
import type { KubeletFacts } from './types.js'
import type { UnitSetting } from './unit-file.js'
import { splitWords } from './words.js'

/** A reason not to touch a host; returned, not thrown, so that preflight can list them all. */
export interface KubeletProblem {
  code: string
  message: string
  hint: string
}

const names = ['kubeconfig', 'bootstrap-kubeconfig']

/** There is no kubelet to speak of. */
export function missing({ loadState }: KubeletFacts): KubeletProblem {
  const state = loadState === 'loaded' ? 'has no ExecStart=' : `is ${loadState}`
  return {
    code: 'NODE_KUBELET_MISSING',
    message: `kubelet.service ${state}`,
    hint: 'yurt-ssh converts nodes whose kubelet is a systemd unit of that name, as kubeadm sets it up',
  }
}

/** Why the flags file's variable does not become arguments. */
export function argumentProblems(exec: UnitSetting, words: string[]): KubeletProblem[] {
  const expands = !/^[@\-+!|]*:/.test(exec.value)
  if (expands && words.includes(`$${KUBEADM_ARGS}`)) return []
  if (words.includes(`\${${KUBEADM_ARGS}}`)) {
    return [
      {
        code: 'NODE_KUBELET_BRACED_ARGS',
        message: `${exec.place}: ExecStart= uses \${${KUBEADM_ARGS}} in braces, which systemd keeps as one single argument`,
        hint: `write $${KUBEADM_ARGS} there, which systemd splits into arguments (systemd.service(5), command lines)`,
      },
    ]
  }
  return [
    {
      code: 'NODE_KUBELET_NO_KUBEADM_ARGS',
      message: `${exec.place}: ExecStart= does not use $${KUBEADM_ARGS} as an argument of its own`,
      hint: 'flags in kubeadm-flags.env would not reach this kubelet: set it up as kubeadm does (its 10-kubeadm.conf)',
    },
  ]
}

/** Why the variable does not come from the flags file. */
export function flagsFileProblems(
  facts: KubeletFacts,
  flagsFile: string | undefined,
  place: string,
): KubeletProblem[] {
  if (flagsFile === undefined) {
    return [
      {
        code: 'NODE_KUBELET_NO_FLAGS_FILE',
        message: 'kubelet.service has no EnvironmentFile= that ends in /kubeadm-flags.env',
        hint: `add EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env beside ExecStart=, ${place}`,
      },
    ]
  }
  const isLast = facts.environmentFiles.at(-1) === flagsFile
  if (isLast || !environmentOf(facts.extraEnvironment).has(KUBEADM_ARGS)) return []
  return [
    {
      code: 'NODE_KUBELET_ARGS_OVERRIDDEN',
      message: `an environment file after ${flagsFile} sets ${KUBEADM_ARGS} too`,
      hint: `the later file wins: move its flags to KUBELET_EXTRA_ARGS (${facts.environmentFiles.join(', ')})`,
    },
  ]
}

/** Everything that proves a kubelet is looked up at the unit's main process: a wrapper must become it with `exec`. */
export function mainProcessProblems({ commandLine, mainPid }: KubeletFacts): KubeletProblem[] {
  const [program = ''] = commandLine
  if (program === '' || /(^|\/)[^/]*(kubelet|hyperkube)[^/]*$/.test(program)) return []
  return [
    {
      code: 'NODE_KUBELET_WRAPPED',
      message: `the main process of kubelet.service (${mainPid}) is ${commandLine.slice(0, 2).join(' ')}, not the kubelet`,
      hint: 'start the kubelet in ExecStart= itself, or with `exec` as the last command of the script that it names',
    },
  ]
}

interface Started {
  execStart: string[]
  place: string
  /** The kubeconfig that leads to the hub. */
  ours: string
}

/** What on the command line would override flags from the flags file. */
export function kubeconfigProblems(
  facts: KubeletFacts,
  variables: ReadonlyMap<string, string>,
  { execStart, place, ours }: Started,
): KubeletProblem[] {
  const environment = new Map(variables)
  environment.delete(KUBEADM_ARGS)
  const expanded = execStart.map((word) => expand(word, environment))
  const after = execStart.lastIndexOf(`$${KUBEADM_ARGS}`) + 1
  const problems = names.flatMap((name) =>
    execStart.slice(after).flatMap((word, index): KubeletProblem[] => {
      const found = flagUses(expanded[after + index] ?? [], name).length > 0
      if (!found || (after === 0 && word.startsWith('$'))) return []
      return [
        word.startsWith('$')
          ? extra(`${word.replace(/[${}]/g, '')} sets --${name}`, place)
          : literal(name, place),
      ]
    }),
  )
  return problems.length > 0 ? problems : unexplained(facts, expanded.flat(), ours)
}

/** What facts do not show of units and environment files, the process shows. */
function unexplained(facts: KubeletFacts, known: string[], ours: string): KubeletProblem[] {
  return names.flatMap((name) => {
    const values = flagUses(known, name).map(({ value }) => value)
    const running = flagUses(facts.commandLine, name).filter(({ value }) => value !== ours && value !== '')
    const odd = running.find(({ value }) => !values.includes(value))
    return odd
      ? [
          extra(
            `the running kubelet has --${name}=${odd.value}, which its unit does not show,`,
            facts.unitPaths.join(', '),
          ),
        ]
      : []
  })
}

/** What becomes of a word of ExecStart=: `$NAME` alone is the words of its value, `${NAME}` its text. */
export function expand(word: string, environment: ReadonlyMap<string, string>): string[] {
  const alone = /^\$(\w+)$/.exec(word)?.[1]
  if (alone !== undefined) return splitWords(environment.get(alone) ?? '').map(({ text }) => text)
  return [word.replace(/\$\{(\w+)\}/g, (_, name: string) => environment.get(name) ?? '')]
}

function extra(what: string, where: string): KubeletProblem {
  return {
    code: 'NODE_KUBELET_EXTRA_KUBECONFIG',
    message: `${what} after or beside $${KUBEADM_ARGS} (${where})`,
    hint: 'the last one on the command line wins, so the kubelet would never go to the hub: take the flag out of there',
  }
}

function literal(name: string, place: string): KubeletProblem {
  return {
    code: 'NODE_KUBELET_LITERAL_FLAGS',
    message: `${place}: ExecStart= itself sets --${name}, and nothing after it can override that`,
    hint: `put the flag before $${KUBEADM_ARGS}; minikube writes its unit anew at every start and cannot be converted`,
  }
}
