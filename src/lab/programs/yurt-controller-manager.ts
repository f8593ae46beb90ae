import { apiClient } from '../api/client.js'
import type { Program, ProgramContext } from '../types.js'
import { lead } from './election.js'
import { createEviction, evictionLookMs } from './eviction.js'
import { repeat } from './loops.js'
import { createLifecycle, monitorMs } from './node-lifecycle.js'
import { healthzOn, runProgram } from './program.js'
import { approveRequests } from './signing.js'

const approvalMs = 1000
const autonomyAnnotation = 'node.beta.openyurt.io/autonomy'

/**
 * A stand-in for yurt-controller-manager v0.6.1: the node lifecycle that leaves autonomous nodes alone, and the approval
 * of hubs' certificates. Like the real one it is Ready and healthy without an API; only its Lease tells.
 */
export const yurtControllerManager: Program = (context) =>
  runProgram(context, {
    async main(signal) {
      await run(context, signal)
      return 255
    },
    serve: healthzOn(10266),
  })

async function run({ send, clock, identity, log }: ProgramContext, signal: AbortSignal): Promise<void> {
  const client = apiClient(send, 'system:serviceaccount:kube-system:yurt-controller-manager')
  const loops = [
    { look: () => approveRequests(client, clock), everyMs: approvalMs },
    { look: createLifecycle({ client, clock, autonomyAnnotation }), everyMs: monitorMs },
    { look: createEviction(client, clock, autonomyAnnotation), everyMs: evictionLookMs },
  ]
  await lead(
    { name: 'yurt-controller-manager', identity, client, clock, log },
    async (leading) => {
      await Promise.all(loops.map(({ look, everyMs }) => repeat(look, everyMs, clock, leading)))
    },
    signal,
  )
}
