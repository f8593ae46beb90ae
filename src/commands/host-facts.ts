import { YurtSshError } from '../errors.js'
import type { Host } from '../inventory/types.js'
import { parseFacts } from '../node/facts.js'
import { factsScript } from '../node/facts-script.js'
import { stateFormat, unknownFormat } from '../node/journal.js'
import type { HostFacts } from '../node/types.js'
import type { PlanOptions } from '../plan/options.js'
import type { HostSession } from '../ssh/types.js'

const factsTimeoutSeconds = 120

/**
 * Reads one host, once more where it changed meanwhile; `images` are those that it must have, or be able to pull.
 * @throws YurtSshError what the connection says; HOST_FACTS, HOST_CHANGES, HOST_STATE_FORMAT, NODE_FACTS
 */
export async function readHost(
  ...[session, host, images, options]: Parameters<typeof readOnce>
): Promise<HostFacts> {
  try {
    return await readOnce(session, host, images, options)
  } catch (error) {
    if (!(error instanceof YurtSshError) || error.code !== 'HOST_CHANGES') throw error
    return readOnce(session, host, images, options)
  }
}

async function readOnce(
  session: HostSession,
  host: Host,
  images: readonly string[],
  options: PlanOptions,
): Promise<HostFacts> {
  const script = factsScript({
    node: host.node,
    images: [...images],
    servers: host.serverAddr?.split(',') ?? [],
    ...(options.podManifestPath === undefined ? {} : { staticPodPath: options.podManifestPath }),
    ...(options.kubeadmConfPath === undefined ? {} : { kubeadmConfPath: options.kubeadmConfPath }),
    release: options.release,
  })
  const { status, stdout, stderr } = await session.run(script, { timeoutSeconds: factsTimeoutSeconds })
  if (status !== 0) {
    throw new YurtSshError('HOST_FACTS', `its state could not be read (status ${status})`, {
      host: host.name,
      detail: stderr.trim(),
    })
  }
  try {
    const facts = parseFacts(stdout)
    if (!['', stateFormat].includes(facts.state.format)) throw unknownFormat(host.name, facts.state.format)
    return facts
  } catch (error) {
    if (!(error instanceof YurtSshError)) throw error
    throw new YurtSshError(error.code, error.message, {
      host: host.name,
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}
