import { hostname, userInfo } from 'node:os'
import { acquireLock, type Lock, unlockSeconds } from '../cluster/lock.js'
import { YurtSshError } from '../errors.js'
import { instant } from '../report/page-words.js'
import { listRuns } from '../report/record-reader.js'
import { deadRuns, runOf } from './dead-runs.js'
import type { Listener } from './options.js'
import type { Site } from './site.js'

/**
 * Takes the cluster's lock for a run, at once where the record of the run that holds it says that it died on this machine;
 * `stop` is aborted by Ctrl-C, and when the lock is lost.
 */
export async function lockCluster(
  runId: string,
  site: Site,
  { signal, tell, runs }: Listener,
): Promise<{ lock: Lock; stop: AbortSignal }> {
  const lost = new AbortController()
  const died = runs === undefined ? [] : deadRuns(listRuns(runs), site.cluster.server)
  const dead = new Set(died.map(({ id }) => id))
  const lock = await acquireLock(site.cluster, {
    holder: `${userInfo().username}@${hostname()}:${process.pid}/${runId}`,
    signal,
    isDead: (held) => dead.has(runOf(held)),
    onWaiting: (held, seconds) =>
      tell(
        `the cluster is locked by ${held.holder} since ${instant(held.since)}: watching for ${seconds} s whether it is alive (\`yurt-ssh unlock\` takes ${unlockSeconds} s)`,
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
