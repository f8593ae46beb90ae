import { listObjects, type NodeObject } from './api.js'
import { mendHub } from './broken-hub.js'
import { yurtSsh } from './cli.js'
import { allNodes, edgeNodes } from './lab.js'
import { releaseLock } from './lock.js'
import { inNode, startKubelet, waitReady } from './nodes.js'
import { removePods } from './pods.js'

/** Takes away whatever a test, or a suite that died, left behind on purpose: silent kubelets, images, pods, a lock. */
export async function cleanUp(): Promise<void> {
  await Promise.all(allNodes.map((node) => startKubelet(node)))
  await Promise.all(edgeNodes.map((node) => mendHub(node)))
  await removePods()
  await releaseLock()
}

/** Reverts a lab that an earlier suite left converted. */
export async function makeNative(): Promise<boolean> {
  const [nodes, left] = await Promise.all([
    listObjects<NodeObject>('v1', 'Node'),
    Promise.all(allNodes.map((node) => inNode(node, '[ ! -e $R/var/lib/yurt-ssh ] || echo converted'))),
  ])
  const labelled = nodes.some(({ metadata }) => metadata.labels?.['openyurt.io/is-edge-worker'] !== undefined)
  if (!labelled && left.every((text) => text === '')) return false
  const { status, text } = await yurtSsh('revert', ['--yes'])
  if (status !== 0)
    throw new Error(
      `the lab is converted, and revert ended with exit code ${status}: test/lab/reset makes it new\n${text}`,
    )
  await Promise.all(allNodes.map((node) => waitReady(node)))
  return true
}
