import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { factsScript } from '../../src/node/facts-script.js'
import { hubNames, hubPart } from '../../src/node/hub-names.js'
import type { HostStep, HostTransaction } from '../../src/plan/types.js'
import { findRelease } from '../../src/releases/release.js'
import { followScript, forgetScript, recoverScript, transactionScripts } from '../../src/rollout/scripts.js'
import { render } from '../../src/templates.js'
import { requireTool } from '../support/tools.js'

const release = findRelease('v0.6.1')
const { hub } = release
const names = hubNames(release)
const transaction: HostTransaction = {
  kind: 'hub',
  verb: 'convert',
  steps: [
    { kind: 'own-tree', path: hub.root, reason: '' },
    { kind: 'undo-removes-hub', reason: '' },
    {
      kind: 'write-file',
      path: "/etc/kubernetes/it's $(odd)",
      content: 'a\n',
      mode: '0600',
      uid: 0,
      gid: 0,
      before: 'absent',
      reason: '',
    },
    { kind: 'wait-hub', timeoutSeconds: 60, reason: '' },
    { kind: 'undo-restarts-kubelet', reason: '' },
    {
      kind: 'restart-kubelet',
      through: 'hub',
      server: 'https://192.0.2.1:6443',
      timeoutSeconds: 60,
      reason: '',
    },
  ],
  cleanup: [{ kind: 'restart-pods', uids: ['3f0e2a54-6d2f-4c4e-9b1c-1c3c6d2f4c4e'], reason: '' }],
  deadlineSeconds: 900,
}
const context = { runId: '20260102t030405-abcd', node: 'edge-1', release }
const shared = {
  id: 'r-hub',
  verb: 'convert',
  node: 'edge-1',
  ...names,
  trees: [hub.root],
  writes: [{ path: hub.kubeconfig, before: 'absent', after: '0' }],
}
const parts = readdirSync(new URL('../../templates/host/steps/', import.meta.url)).map((file) =>
  file.replace('.sh.hbs', ''),
)
const scripts: [string, string][] = [
  [
    'facts',
    factsScript({
      node: 'edge-1',
      images: ['docker.io/openyurt/yurthub:v0.6.1'],
      servers: [],
      release,
    }),
  ],
  ['launch', transactionScripts(transaction, context).launch],
  [
    'apply',
    render('host/apply.sh', {
      ...shared,
      deadlineSeconds: 900,
      hubWords: hubPart('words', release, names),
      functions: parts.map((part) => render(`host/steps/${part}.sh`, names)).join('\n'),
      steps: [],
      cleanup: [],
    }),
  ],
  ['undo', render('host/undo.sh', shared)],
  ['recover', recoverScript('r-hub')],
  ['follow', followScript('r-hub')],
  ['forget', forgetScript()],
]

describe('scripts that run on hosts', () => {
  it.each(scripts)('%s names no path outside the root variable', (_name, script) => {
    const bare = script
      .split('\n')
      .filter((line) => !line.trimStart().startsWith('#'))
      .filter((line) => /(^|[\s=<>'(:]|(?<!\$R)")\/(etc|var|proc|run|sys)(\/|\b)/.test(line))
      .filter((line) => !takesHostPath.test(line))
      // the shell's own process, which is one of this machine also in the lab
      .filter((line) => !line.endsWith(' < /proc/self/stat'))
    expect(bare).toEqual([])
  })

  it.each(['dash', 'bash', 'busybox'])('all parse in %s', (shell) => {
    if (!requireTool(shell)) return
    const argv = shell === 'busybox' ? ['sh', '-n'] : ['-n']
    for (const [name, script] of scripts) {
      const { status, stderr } = spawnSync(shell, argv, { input: script, encoding: 'utf8' })
      expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' })
    }
  })

  it('all pass shellcheck', { timeout: 120_000 }, () => {
    if (!requireTool('shellcheck')) return
    for (const [name, script] of scripts) {
      const { stdout } = spawnSync(
        'shellcheck',
        ['-s', 'sh', '-e', 'SC2034,SC2317,SC2041,SC2015,SC2012,SC2013', '-'],
        { input: script, encoding: 'utf8' },
      )
      expect({ name, stdout }).toEqual({ name, stdout: '' })
    }
  })
})

const server = 'https://192.0.2.1:6443'
const everyStep: HostStep[] = [
  { kind: 'pull-image', image: 'a', tool: 'ctr', endpoint: '', reason: '' },
  { kind: 'make-directory', path: '/a', mode: '0755', reason: '' },
  { kind: 'own-tree', path: '/a', reason: '' },
  {
    kind: 'write-file',
    path: '/a',
    content: '',
    mode: '0600',
    uid: 0,
    gid: 0,
    before: 'absent',
    reason: '',
  },
  { kind: 'remove-file', path: '/a', before: 'absent', reason: '' },
  { kind: 'remove-tree', path: '/a/b', reason: '' },
  { kind: 'remove-directory-if-empty', path: '/a', reason: '' },
  { kind: 'undo-removes-hub', reason: '' },
  { kind: 'undo-restarts-kubelet', reason: '' },
  { kind: 'wait-hub', timeoutSeconds: 1, reason: '' },
  { kind: 'wait-hub-gone', timeoutSeconds: 1, reason: '' },
  { kind: 'restart-kubelet', through: 'hub', server, timeoutSeconds: 1, reason: '' },
  { kind: 'remember-controller-managers', reason: '' },
  { kind: 'wait-controller-manager', lifecycle: 'on', server, timeoutSeconds: 1, words: [], reason: '' },
  { kind: 'clean-network', hubInterface: 'keep', reason: '' },
  { kind: 'clean-tunnel-chains', reason: '' },
  { kind: 'restart-pods', uids: ['a'], reason: '' },
]

/** Names of the functions that a piece of script defines. */
const defined = (text: string): string[] =>
  [...text.matchAll(/^(\w+)\(\) \{/gm)].map(([, name]) => name ?? '')

describe('the functions of steps', () => {
  it.each(everyStep.map((step) => [step.kind, step] as const))(
    '%s is there where a plan has it',
    (_, step) => {
      const { launch } = transactionScripts({ ...transaction, steps: [step], cleanup: [] }, context)
      const apply = launch.slice(launch.indexOf("printf %s '"), launch.indexOf('> "$T/apply"'))
      const [, called] = /^ {2}step 0 (\w+)/m.exec(apply) ?? []
      expect(defined(apply)).toContain(called)
    },
  )

  it('are not there where a plan does not have them', () => {
    const [step] = everyStep
    const { launch } = transactionScripts({ ...transaction, steps: step ? [step] : [], cleanup: [] }, context)
    expect(defined(launch)).toContain('pull_image')
    expect(defined(launch)).not.toContain('talks_to_hub')
  })

  it.each(parts)('%s needs no other part', (part) => {
    const text = render(`host/steps/${part}.sh`, names).replace(/#.*/g, '')
    const others = parts
      .filter((other) => other !== part)
      .flatMap((other) => defined(render(`host/steps/${other}.sh`, names)))
    expect(others.filter((name) => new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
  })
})

/** Lines whose paths are arguments of functions that prefix them with the root. */
const takesHostPath =
  /^\s*(whole|file|(! )?followed|kubeconfig|if file|if whole|step \d+|all_unchanged|unnamed|remove_temporaries|flags_path=|kubeconfig_path=|config_path=|static_pods=|for (tunnel|folder) in|--kubeconfig=)|own_command_line|'tree '|"=\/var/
