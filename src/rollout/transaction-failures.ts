import { YurtSshError } from '../errors.js'
import { unknownFormat } from '../node/journal.js'
import type { Release } from '../releases/types.js'
import type { TransactionOutput } from './output.js'

/** HOST_LOST_RUN: nobody knows what it came to. */
export function lostRun(host: string, output: TransactionOutput, stderr = ''): YurtSshError {
  return new YurtSshError('HOST_LOST_RUN', 'its transaction ended without a result, or never began', {
    host,
    hint: 'the host was restarted or its unit was killed: the next run recognises the state and finishes or undoes it',
    detail: [...output.words, stderr].join('\n').trim(),
  })
}

/** HOST_UNDO_FAILED: neither done nor as it was. */
export function undoFailed(host: string, output: TransactionOutput): YurtSshError {
  return new YurtSshError(
    'HOST_UNDO_FAILED',
    `${output.failure ?? 'failed'}, and its undo could not finish`,
    {
      host,
      detail: output.words.join('\n'),
      hint: 'look at /var/lib/yurt-ssh/runs on the host; running the same command again repeats the undo',
    },
  )
}

/** HOST_DAMAGED: its journal cannot be trusted. */
export function damaged(host: string, output: TransactionOutput): YurtSshError {
  return new YurtSshError('HOST_DAMAGED', `${output.failure ?? 'its journal is damaged'}`, {
    host,
    detail: output.words.join('\n'),
    hint: `yurt-ssh revert --limit ${host} takes out what is recognisably ours, and guesses nothing`,
  })
}

/** HOST_BUSY, HOST_OPEN, HOST_STATE_FORMAT or HOST_LAUNCH, by what the host said: nothing was started. */
export function refusedLaunch(host: string, stderr: string): YurtSshError {
  const said = stderr.trim()
  if (said.startsWith('busy:')) {
    return new YurtSshError('HOST_BUSY', 'a transaction of another run is under way on it', {
      host,
      hint: 'wait for it, or see `yurt-ssh status`',
    })
  }
  if (said.startsWith('open:')) {
    return new YurtSshError('HOST_OPEN', `an unfinished transaction holds it (${said.slice(6)})`, {
      host,
      hint: 'run the same command again: it first finishes or undoes what is open',
    })
  }
  if (said.startsWith('format:')) return unknownFormat(host, said.slice(8))
  return new YurtSshError(
    'HOST_LAUNCH',
    `the transaction could not be started: ${said || 'no reason given'}`,
    { host },
  )
}

/** What to do about a transaction that was undone. */
export function hintFor(output: TransactionOutput, { hub }: Release): string {
  const { failure = '' } = output
  if (failure.includes("hub's container cannot start"))
    return 'is this the image of the hub? `openyurt.images.yurthub` and --yurthub-image name it; the words of runtime and kubelet are above'
  if (failure.includes('hub did not become healthy')) {
    return output.words.some((line) => /certificate|csr/i.test(line))
      ? `it waits for its certificate: is ${hub.approver} running, and is its Lease being renewed?`
      : "the hub's own log, or what runtime and kubelet say where it has none, is above: look there first"
  }
  if (failure.includes('changed since it was planned'))
    return 'somebody else edits this host; run again to plan from what is there now'
  if (failure.includes('cannot be pulled'))
    return 'load the image on the host first, or name a registry that it reaches'
  if (failure.includes('cannot be written'))
    return 'is the disk full, or read-only? `df -h /var/lib /etc` on the host tells'
  return output.words.length > 0
    ? 'the last lines of the hub and the kubelet are above'
    : 'look at `journalctl -u yurt-ssh -u kubelet` on the host'
}
