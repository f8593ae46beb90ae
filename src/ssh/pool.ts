import { setMaxListeners } from 'node:events'
import { YurtSshError } from '../errors.js'
import type { Host } from '../inventory/types.js'
import { createDialer } from './bastion.js'
import { withDeadline } from './deadline.js'
import { isSecretFailure } from './failures.js'
import { createHostKeys } from './host-keys.js'
import { createIdentities } from './identities.js'
import { type AskSecret, createSecrets } from './secrets.js'
import { type OpenSession, openSession } from './session.js'
import { createShared } from './shared.js'
import { createTrials } from './trials.js'
import type { HostSession } from './types.js'

/** The sessions of a run. */
export interface Pool {
  /**
   * The host's session, opened on demand, kept for the run, and opened anew after it was lost.
   * @throws YurtSshError as `openSession` does; SSH_ABORTED when `signal` or the end of the pool stops the wait
   */
  session(host: Host, signal?: AbortSignal): Promise<HostSession>
  /** Closes a host's session, once its work is done. */
  drop(hostName: string): void
  close(): void
}

export interface PoolOptions {
  /** Socket of the SSH agent; the environment's unless given. */
  agent?: string
  /** Connection starts at a time per sshd. */
  maxStarts?: number
  /** Asks for passwords and passphrases; without it there is nobody to ask. */
  askSecret?: AskSecret
  /** Where secrets that are in variables are; this process's environment unless given. */
  env?: NodeJS.ProcessEnv
  /** Gets one line for the operator. */
  tell?: (text: string) => void
}

/** An empty pool. Keys and known_hosts files are read once, when the first host needs them. */
export function createPool({
  agent = process.env.SSH_AUTH_SOCK || undefined,
  maxStarts = 5,
  askSecret = nobodyToAsk,
  env = process.env,
  tell = () => undefined,
}: PoolOptions = {}): Pool {
  // ssh2 keeps some short buffers of each connection, and each keeps the whole piece that Node cut it from: 8 KiB by itself.
  Buffer.poolSize = 2048
  const closing = new AbortController()
  // Every session that is being opened listens.
  setMaxListeners(0, closing.signal)
  const sessions = createShared<OpenSession>(isSecretFailure)
  const secrets = createSecrets(askSecret, env)
  const trials = createTrials()
  const credentials = {
    identities: createIdentities({ agent, secrets, trials }),
    hostKeys: createHostKeys(tell),
  }
  const dialer = createDialer({ credentials, maxStarts, signal: closing.signal })
  const timeout = () => new YurtSshError('SSH_TIMEOUT', 'never: this wait has no limit of its own')

  return {
    session(host, signal) {
      // Who asks may stop waiting; the session goes on opening for the others, within its own limits.
      const open = () => openSession(host, dialer, { secrets, trials, signal: closing.signal })
      return withDeadline({ signal, timeout }, () => sessions.get(host.name, open))
    },
    drop: sessions.drop,
    close() {
      closing.abort()
      sessions.close()
      dialer.close()
    },
  }
}

async function nobodyToAsk(question: string): Promise<string> {
  throw new YurtSshError('USAGE_NOBODY_TO_ASK', `there is nobody to ask for the ${question}`)
}
