import {
  disableNodeLifecycle,
  enableNodeLifecycle,
  lastWords,
  lifecycleOwner,
} from '../node/controller-manager.js'
import { serverOf } from '../node/kubeconfig.js'
import type { HostFacts } from '../node/types.js'
import type { Release } from '../releases/types.js'
import { replaced } from './files.js'
import { restoreOriginal } from './host-revert.js'
import type { HostStep, HostTransaction } from './types.js'

const readyTimeoutSeconds = 180
const deadlineSeconds = readyTimeoutSeconds + 600

/** Whether this host runs the stock kube-controller-manager as a static pod. */
export function runsControllerManager(facts: HostFacts): boolean {
  return facts.files.controllerManager.state === 'file'
}

/** Switches the stock nodelifecycle controller off on this host; absent when it is off already, or may go on. */
export function planLifecycleOff(facts: HostFacts, { lifecycle }: Release): HostTransaction | undefined {
  const { controllerManager } = facts.files
  const text = controllerManager.content
  if (lifecycle.stock === 'on' || text === undefined || lifecycleOwner(text) === 'off') return undefined
  const reason = `from here on ${lifecycle.owner} owns the node lifecycle`
  return transaction('convert', facts, {
    reason,
    ...replaced(controllerManager, controllerManager.path, disableNodeLifecycle(text), '0600'),
  })
}

/** Switches it on again where it was us, or yurtctl with `adopt`, who switched it off; absent otherwise. */
export function planLifecycleOn(
  facts: HostFacts,
  notes: string[],
  adopt = false,
): HostTransaction | undefined {
  const { controllerManager } = facts.files
  const text = controllerManager.content
  if (text === undefined || lifecycleOwner(text) === 'on') return undefined
  const adopted = adopt && switchedOff(text)
  if (!adopted && !switchedOffByUs(facts)) return undefined
  const reason = 'the stock controller owns the node lifecycle again'
  const edit = restoreOriginal(controllerManager, facts, switchOn(text), reason, notes)
  return transaction('revert', facts, edit)
}

/** Whether nobody would own the node lifecycle after a revert: it is off here, and not by an edit of ours. */
export function staysOff(facts: HostFacts, adopt: boolean): boolean {
  const text = facts.files.controllerManager.content
  return (
    text !== undefined && lifecycleOwner(text) === 'off' && planLifecycleOn(facts, [], adopt) === undefined
  )
}

/** By the journal, and by what stands there: an edit of ours that somebody has since replaced is not ours to undo. */
function switchedOffByUs(facts: HostFacts): boolean {
  const { path, content = '' } = facts.files.controllerManager
  const last = facts.state.journals.findLast(
    (journal) => journal.result !== 'undone' && journal.writes.some((write) => write.path === path),
  )
  return last?.verb === 'convert' && switchedOff(content)
}

/** Whether what switches it off stands where we and yurtctl put it. */
function switchedOff(text: string): boolean {
  return enableNodeLifecycle(text) !== text
}

/** yurtctl puts its entry in once more at every convert. */
function switchOn(text: string): string {
  const on = enableNodeLifecycle(text)
  return on === text ? text : switchOn(on)
}

function transaction(verb: 'convert' | 'revert', facts: HostFacts, edit: HostStep): HostTransaction {
  return {
    kind: 'controller-manager',
    verb,
    steps: [
      {
        kind: 'remember-controller-managers',
        reason: 'to tell the process before the edit from the one after',
      },
      edit,
      {
        kind: 'wait-controller-manager',
        lifecycle: verb === 'convert' ? 'off' : 'on',
        server: serverOf(facts.files.kubeconfig),
        timeoutSeconds: readyTimeoutSeconds,
        words: edit.kind === 'write-file' ? lastWords(edit.content) : [],
        reason: 'the next master waits for this one',
      },
    ],
    cleanup: [],
    deadlineSeconds,
  }
}
