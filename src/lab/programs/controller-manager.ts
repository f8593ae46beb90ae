import { apiClient } from '../api/client.js'
import type { Program, ProgramContext } from '../types.js'
import { isEnabled, unknownControllers } from './controllers-flag.js'
import { lead } from './election.js'
import { createEviction, evictionLookMs } from './eviction.js'
import { repeat } from './loops.js'
import { type Flags, parseFlags } from './manager-flags.js'
import { createLifecycle, monitorMs } from './node-lifecycle.js'
import { healthzOn, runProgram } from './program.js'
import { signApproved } from './signing.js'

const signingMs = 1000
/** kubeadm's startup probe asks first after 10 s. */
const readyAfterMs = 10_000

/**
 * A stand-in for kube-controller-manager: its flags, its leader election, its node lifecycle and the signing of
 * certificates. The other controllers of a cluster run in `startCluster`, whatever its flags say. Exits with 1 on flags
 * that the real one refuses, and when it loses the lead.
 */
export const controllerManager: Program = (context) => {
  const flags = parseFlags(context.args)
  const controllers = flags instanceof Map ? controllersOf(flags) : []
  const problem = problemOf(flags, controllers)
  const started = context.clock.now()
  const port = flags instanceof Map ? (flags.get('secure-port')?.at(-1) ?? '10257') : ''
  return runProgram(context, {
    async main(signal) {
      if (problem !== null) {
        context.log(`Error: ${problem}`)
        return 1
      }
      await run(context, controllers, signal)
      return 1
    },
    serve: healthzOn(Number(port)),
    ready: () => context.clock.now() - started >= readyAfterMs,
  })
}

function problemOf(flags: Flags | { problem: string }, controllers: readonly string[]): string | null {
  if ('problem' in flags) return flags.problem
  const [unknown] = unknownControllers(controllers)
  return unknown === undefined ? null : `"${unknown}" is not in the list of known controllers`
}

/** Repeated flags add up; without any, all that are on by default run. */
function controllersOf(flags: Flags): string[] {
  const given = flags.get('controllers')
  return given === undefined
    ? ['*']
    : given.flatMap((value) => value.split(',')).filter((name) => name !== '')
}

async function run(
  { send, clock, identity, log }: ProgramContext,
  controllers: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const client = apiClient(send, 'system:kube-controller-manager')
  const loops = [
    { name: 'csrsigning', look: () => signApproved(client, clock), everyMs: signingMs },
    { name: 'nodelifecycle', look: createLifecycle({ client, clock }), everyMs: monitorMs },
    { name: 'nodelifecycle', look: createEviction(client, clock), everyMs: evictionLookMs },
  ]
  const on = loops.filter(({ name }) => isEnabled(name, controllers))
  await lead(
    { name: 'kube-controller-manager', identity, client, clock, log },
    async (leading) => {
      for (const { name } of loops.filter((loop) => !on.includes(loop))) log(`"${name}" is disabled`)
      await Promise.all(on.map(({ look, everyMs }) => repeat(look, everyMs, clock, leading)))
    },
    signal,
  )
}
