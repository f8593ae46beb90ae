import { kubernetes, missingLab } from '../support/lab.js'
import { removePods } from '../support/pods.js'

/** A lab that is up, without what an earlier run left in it. */
export async function setup(): Promise<void> {
  const missing = missingLab()
  if (missing.length > 0)
    throw new Error(`the tests of the lab of Kubernetes ${kubernetes} cannot run:\n  ${missing.join('\n  ')}`)
  await removePods()
}
