import { mendHubImage } from './broken-hub.js'
import { yurtSsh } from './cli.js'
import { kubectl, listObjects, type NodeObject } from './kubectl.js'
import { allNodes, edgeNodes } from './lab.js'
import { releaseLock } from './lock.js'
import { inNode, startKubelet } from './nodes.js'
import { removePods } from './pods.js'

/** Takes away whatever a test, or a suite that died, left behind on purpose: silent kubelets, images, pods, a lock. */
export async function cleanUp(): Promise<void> {
  await Promise.all(allNodes.map((node) => startKubelet(node)))
  await Promise.all(edgeNodes.map((node) => mendHubImage(node)))
  await removePods()
  await releaseLock()
}

/** Reverts a lab that an earlier suite left converted. */
export async function makeNative(): Promise<boolean> {
  const [nodes, left] = await Promise.all([
    listObjects<NodeObject>('nodes'),
    Promise.all(allNodes.map((node) => inNode(node, '[ ! -e /var/lib/yurt-ssh ] || echo converted'))),
  ])
  const labelled = nodes.some(({ metadata }) => metadata.labels?.['openyurt.io/is-edge-worker'] !== undefined)
  if (!labelled && left.every((text) => text === '')) return false
  const { status, text } = await yurtSsh('revert', ['--yes'])
  if (status !== 0)
    throw new Error(
      `the lab is converted, and revert ended with exit code ${status}: test/lab/reset makes it new\n${text}`,
    )
  await kubectl(['wait', '--for', 'condition=Ready', 'node', '--all', '--timeout', '120s'])
  return true
}
