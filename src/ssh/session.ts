import { YurtSshError } from '../errors.js'
import type { Host } from '../inventory/types.js'
import type { Dialer } from './bastion.js'
import { restated } from './failures.js'
import { openRootShell, type RootOptions } from './root.js'
import type { HostSession } from './types.js'

/** A session that tells when it is gone. */
export interface OpenSession extends HostSession {
  /** Aborted when the session is gone; the reason says why, in words. */
  readonly lost: AbortSignal
}

/**
 * Connects to a host and starts a root shell there: one exec channel for all scripts of a run.
 * @throws YurtSshError as `dial` and `openRootShell` do
 */
export async function openSession(host: Host, dialer: Dialer, options: RootOptions): Promise<OpenSession> {
  const inHost = <T>(work: Promise<T>) =>
    work.catch((error: unknown): never => {
      throw error instanceof YurtSshError ? restated(error, { host: host.name }) : error
    })
  const connection = await inHost(dialer.dial(host.ssh))
  try {
    const shell = await inHost(openRootShell(host.ssh, connection, options))
    connection.lost.addEventListener('abort', () => shell.end(String(connection.lost.reason)), { once: true })
    shell.lost.addEventListener('abort', () => connection.close(), { once: true })
    return {
      host: host.name,
      lost: shell.lost,
      run: (script, options) => inHost(shell.run(script, options)),
      close: () => shell.end('closed by this run'),
    }
  } catch (error) {
    connection.close()
    throw error
  }
}
