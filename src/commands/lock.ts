import { hostname, userInfo } from 'node:os'
import { acquireLock, type Lock } from '../cluster/lock.js'
import { YurtSshError } from '../errors.js'
import { instant } from '../report/page-words.js'
import type { Listener } from './options.js'
import type { Site } from './site.js'

/** Takes the cluster's lock for a run; `stop` is aborted by Ctrl-C, and when the lock is lost. */
export async function lockCluster(
  runId: string,
  site: Site,
  { signal, tell }: Listener,
): Promise<{ lock: Lock; stop: AbortSignal }> {
  const lost = new AbortController()
  const lock = await acquireLock(site.cluster, {
    holder: `${userInfo().username}@${hostname()}:${process.pid}/${runId}`,
    signal,
    onWaiting: (held, seconds) =>
      tell(
        `the cluster is locked by ${held.holder} since ${instant(held.since)}: watching for ${seconds} s whether it is alive (\`yurt-ssh unlock\` does not wait)`,
      ),
    onLost(reason) {
      tell(`the cluster's lock is lost: ${reason}; no new host is begun`)
      lost.abort(
        new YurtSshError('LOCK_LOST', `the cluster's lock was lost: ${reason}`, {
          hint: 'another run may be at work: see who holds it before you go on',
        }),
      )
    },
  })
  return { lock, stop: AbortSignal.any([signal, lost.signal]) }
}
