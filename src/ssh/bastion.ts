import type { Duplex } from 'node:stream'
import pLimit, { type LimitFunction } from 'p-limit'
import { messageOf, YurtSshError } from '../errors.js'
import type { SshHop, SshSettings } from '../inventory/types.js'
import { type Connection, type Credentials, connect, hopName, tcpSocket } from './connect.js'
import { property } from './failures.js'
import { createShared } from './shared.js'

/** Opens connections to hosts, directly or through their bastion. */
export interface Dialer {
  /** @throws YurtSshError as `connect` does, and SSH_FORWARDING when the bastion forwards no connections */
  dial(settings: SshSettings): Promise<Connection>
  close(): void
}

export interface DialerOptions {
  credentials: Credentials
  /** Connection starts at a time per sshd; above 10 it drops some at random (MaxStartups 10:30:100). */
  maxStarts: number
  /** Gives up everything that is being opened. */
  signal: AbortSignal
}

/** A dialer with one shared connection per bastion, told apart by user, address and port. */
export function createDialer({ credentials, maxStarts, signal }: DialerOptions): Dialer {
  const bastions = createShared<Connection>(wouldFailAgain)
  const starts = new Map<string, LimitFunction>()

  /** Waits for a turn at an sshd; hosts behind different bastions may share an address. */
  function inTurn(sshd: string, start: () => Promise<Connection>): Promise<Connection> {
    const limit = starts.get(sshd) ?? pLimit(maxStarts)
    starts.set(sshd, limit)
    return limit(start)
  }

  function openBastion(hop: SshHop): Promise<Connection> {
    const label = `bastion ${hopName(hop)}`
    return bastions.get(hopName(hop), () =>
      inTurn(`${hop.address} ${hop.port}`, () =>
        connect(hop, credentials, { label, openSocket: () => tcpSocket(hop), signal }),
      ),
    )
  }

  async function forward(bastion: SshHop, target: SshHop, stop: AbortSignal): Promise<Duplex> {
    const connection = await openBastion(bastion)
    try {
      return await forwardTo(target, connection, stop)
    } catch (error) {
      if (!connection.lost.aborted) throw error
      return forwardTo(target, await openBastion(bastion), stop)
    }
  }

  return {
    async dial({ bastion, ...hop }) {
      const sshd = `${hop.address} ${hop.port}`
      if (bastion === undefined) {
        const route = { label: hopName(hop), openSocket: () => tcpSocket(hop), signal }
        return inTurn(sshd, () => connect(hop, credentials, route))
      }
      await openBastion(bastion)
      const label = `${hopName(hop)} via ${hopName(bastion)}`
      const openSocket = (stop: AbortSignal) => forward(bastion, hop, stop)
      return inTurn(`${hopName(bastion)} ${sshd}`, () =>
        connect(hop, credentials, { label, openSocket, signal }),
      )
    },
    close: bastions.close,
  }
}

/** Failures that an operator has to end: with a fleet behind one bastion, asking again per host locks accounts. */
function wouldFailAgain(error: unknown): boolean {
  return (
    error instanceof YurtSshError &&
    /^SSH_(AUTH|KEY|KNOWN_HOSTS|HOST_KEY_.*|NO_COMMON_ALGORITHM)$/.test(error.code)
  )
}

function forwardTo(target: SshHop, { client }: Connection, stop: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, target.address, target.port, (error, stream) => {
      if (error) reject(forwardFailure(error))
      else if (stop.aborted) stream.destroy()
      else resolve(stream)
    })
  })
}

/** RFC 4254, 5.1: reason 1 is administratively prohibited, 2 is connect failed, with the bastion's words. */
function forwardFailure(cause: Error): YurtSshError {
  const words = messageOf(cause).replace('(SSH) Channel open failure: ', '')
  if (property(cause, 'reason') === 1) {
    return new YurtSshError('SSH_FORWARDING', `the bastion forwards no connection: ${words}`, {
      hint: 'AllowTcpForwarding and PermitOpen in its sshd_config; or it cannot resolve the address',
      cause,
    })
  }
  return new YurtSshError('SSH_REFUSED', `the bastion does not get through: ${words}`, { cause })
}
