import { tokenPlaceholder } from '../node/hub.js'
import { hubNames, hubPart } from '../node/hub-names.js'
import { sha256 } from '../node/sha256.js'
import type { HostStep, HostTransaction, WriteFile } from '../plan/types.js'
import type { Release } from '../releases/types.js'
import { render, type TemplateContext } from '../templates.js'

export interface TransactionScripts {
  /** Unique on the host: the run's id and what it is for. */
  id: string
  /** Puts the transaction on the host and starts it. */
  launch: string
}

export interface ScriptContext {
  runId: string
  node: string
  release: Release
  /** The run's bootstrap token, where hubs bootstrap by one. */
  token?: string
}

type Call = { call: string; arguments: string[] }

/** A transaction as the scripts that a host runs: every value in them is a quoted word or base64. */
export function transactionScripts(transaction: HostTransaction, context: ScriptContext): TransactionScripts {
  const id = `${context.runId}-${transaction.kind}`
  const names = hubNames(context.release)
  const all = [...transaction.steps, ...transaction.cleanup]
  const calls = all.map((step, index) => ({
    index,
    ...callOf(step, context),
  }))
  const shared = {
    id,
    verb: transaction.verb,
    node: context.node,
    ...names,
    deadlineSeconds: transaction.deadlineSeconds,
    writes: all.flatMap((step) => {
      if (step.kind === 'remove-file') return [{ path: step.path, before: step.before, after: 'absent' }]
      if (step.kind !== 'write-file') return []
      return [{ path: step.path, before: step.before, after: sha256(bytesOf(step, context)) }]
    }),
    trees: transaction.steps.flatMap((step) => (step.kind === 'own-tree' ? [step.path] : [])),
  }
  const apply = render('host/apply.sh', {
    ...shared,
    hubWords: hubPart('words', context.release, names),
    functions: functionsOf(all, names),
    steps: calls.slice(0, transaction.steps.length),
    cleanup: calls.slice(transaction.steps.length),
  })
  const launch = render('host/launch.sh', {
    ...shared,
    apply,
    undo: render('host/undo.sh', shared),
    program: 'apply',
    // systemd's own limit comes a little after the script's, so that the script can still say why it stopped
    deadlineSeconds: transaction.deadlineSeconds + 30,
  })
  return { id, launch }
}

/** Runs the undo of a transaction that a dead run left open. */
export function recoverScript(id: string): string {
  return render('host/recover.sh', { id, program: 'undo', deadlineSeconds: 600 })
}

/** Prints a transaction's output from its start until its result is there. */
export function followScript(id: string): string {
  return render('host/follow.sh', { id })
}

/**
 * Removes our folder from a host that nothing of ours is left on; with an id only the folder of that transaction, and
 * ours when it was the last.
 */
export function forgetScript(id = ''): string {
  return render('host/forget.sh', { id })
}

/** Where the function of a step stands among the templates in host/steps; what every script carries is not named. */
const partOf: Partial<Record<HostStep['kind'], string>> = {
  'pull-image': 'images',
  'make-directory': 'files',
  'own-tree': 'files',
  'write-file': 'files',
  'remove-file': 'files',
  'remove-directory-if-empty': 'files',
  'undo-removes-hub': 'hub',
  'wait-hub': 'hub',
  'wait-hub-gone': 'hub-gone',
  'clean-network': 'hub-gone',
  'undo-restarts-kubelet': 'kubelet',
  'restart-kubelet': 'kubelet',
  'remember-controller-managers': 'controller-manager',
  'wait-controller-manager': 'controller-manager',
  'clean-tunnel-chains': 'tunnel',
  'restart-pods': 'pods',
}

/** The functions that these steps call, and no others. */
function functionsOf(steps: readonly HostStep[], names: TemplateContext): string {
  const parts = new Set(steps.flatMap(({ kind }) => partOf[kind] ?? []))
  return [...parts].map((part) => `${render(`host/steps/${part}.sh`, names)}\n`).join('')
}

function callOf(step: HostStep, context: ScriptContext): Call {
  switch (step.kind) {
    case 'pull-image':
      return call('pull_image', step.tool, step.image, step.endpoint)
    case 'make-directory':
      return call('make_directory', step.path, step.mode)
    case 'own-tree':
      return call('own_tree', step.path)
    case 'write-file': {
      const bytes = bytesOf(step, context)
      return call(
        'put_file',
        step.path,
        step.mode,
        step.uid,
        step.gid,
        step.before,
        sha256(bytes),
        bytes.toString('base64'),
      )
    }
    case 'remove-file':
      return call('remove_file', step.path, step.before)
    case 'remove-tree':
      return call('remove_tree', step.path)
    case 'remove-directory-if-empty':
      return call('remove_directory_if_empty', step.path)
    case 'undo-removes-hub':
      return call('undo_removes_hub')
    case 'undo-restarts-kubelet':
      return call('undo_restarts_kubelet')
    case 'wait-hub':
      return call('wait_hub', step.timeoutSeconds)
    case 'wait-hub-gone':
      return call('wait_hub_gone', step.timeoutSeconds)
    case 'restart-kubelet':
      return call('restart_kubelet', step.through, step.timeoutSeconds, step.server)
    case 'remember-controller-managers':
      return call('remember_controller_managers')
    case 'wait-controller-manager':
      return call(
        'wait_controller_manager',
        step.lifecycle,
        step.timeoutSeconds,
        step.server,
        step.words.join('\n'),
      )
    case 'clean-network':
      return call('clean_network', step.hubInterface)
    case 'clean-tunnel-chains':
      return call('clean_tunnel_chains')
    case 'restart-pods':
      return call('restart_pods', ...step.uids)
  }
}

function call(name: string, ...values: (string | number)[]): Call {
  return { call: name, arguments: values.map(String) }
}

function bytesOf(step: WriteFile, context: ScriptContext): Buffer {
  return Buffer.from(fillToken(step.content, context.token), 'utf8')
}

function fillToken(content: string, token: string | undefined): string {
  if (!content.includes(tokenPlaceholder)) return content
  if (token === undefined) throw new Error('a file needs the bootstrap token, and this run has none')
  return content.replaceAll(tokenPlaceholder, token)
}
