import type { Duplex } from 'node:stream'
import pLimit, { type LimitFunction } from 'p-limit'
import { messageOf, YurtSshError } from '../errors.js'
import type { SshHop, SshSettings } from '../inventory/types.js'
import { type Connection, type Credentials, connect, tcpSocket } from './connect.js'
import { isSecretFailure, property } from './failures.js'
import { hopName } from './hop-name.js'
import { commandSocket } from './proxy-command.js'
import { createShared } from './shared.js'

/** Opens connections to hosts, directly, through their bastions, or by a command. */
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

/** A dialer with one shared connection per bastion, told apart by user, address, port and the way there. */
export function createDialer({ credentials, maxStarts, signal }: DialerOptions): Dialer {
  const bastions = createShared<Connection>(wouldFailAgain)
  const starts = new Map<string, LimitFunction>()

  /** Waits for a turn at an sshd, kept count of while there are any; hosts behind different bastions may share an address. */
  function inTurn(sshd: string, start: () => Promise<Connection>): Promise<Connection> {
    const limit = starts.get(sshd) ?? pLimit(maxStarts)
    starts.set(sshd, limit)
    return limit(() =>
      start().finally(() => {
        if (limit.activeCount === 1 && limit.pendingCount === 0) starts.delete(sshd)
      }),
    )
  }

  /** A connection to a hop, its bastions first. */
  async function open(hop: SshHop, { name, who }: { name: string; who: string }): Promise<Connection> {
    const { bastion, proxyCommand } = hop
    const turn = bastion === undefined ? sshdOf(hop) : `${chainName(bastion)} ${sshdOf(hop)}`
    if (bastion !== undefined) await openBastion(bastion)
    const openSocket = (stop: AbortSignal): Duplex | Promise<Duplex> => {
      if (bastion !== undefined) return forward(bastion, hop, stop)
      return proxyCommand === undefined ? tcpSocket(hop) : commandSocket(proxyCommand)
    }
    const label = name + (bastion === undefined ? '' : ` via ${chainName(bastion)}`)
    return inTurn(turn, () => connect(hop, credentials, { label, who, openSocket, signal }))
  }

  function openBastion(hop: SshHop): Promise<Connection> {
    return bastions.get(bastionKey(hop), () =>
      open(hop, { name: `bastion ${hopName(hop)}`, who: hopName(hop) }),
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
    dial: (settings) => open(settings, { name: hopName(settings), who: settings.user }),
    close: bastions.close,
  }
}

const sshdOf = ({ address, port }: SshHop) => `${address} ${port}`

/** `user@b:22 via user@a:22`, as errors name a way. */
function chainName(hop: SshHop): string {
  return hop.bastion === undefined ? hopName(hop) : `${hopName(hop)} via ${chainName(hop.bastion)}`
}

/** Hosts share a bastion when they reach it the same way. */
function bastionKey(hop: SshHop): string {
  return `${chainName(hop)} ${hop.proxyCommand ?? ''}`
}

/** Failures that an operator has to end: with a fleet behind one bastion, asking again per host locks accounts. */
function wouldFailAgain(error: unknown): boolean {
  return (
    isSecretFailure(error) ||
    (error instanceof YurtSshError &&
      /^SSH_(AUTH|KEY|KNOWN_HOSTS|HOST_KEY_.*|NO_COMMON_ALGORITHM)$/.test(error.code))
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
  const words = messageOf(cause).replace('(SSH) Channel open failure: ', '').trim()
  if (property(cause, 'reason') === 1) {
    // many servers give no words
    const message = ['the bastion forwards no connection', words].filter((part) => part !== '').join(': ')
    return new YurtSshError('SSH_FORWARDING', message, {
      hint: 'AllowTcpForwarding and PermitOpen in its sshd_config; or it cannot resolve the address',
      cause,
    })
  }
  return new YurtSshError('SSH_REFUSED', `the bastion does not get through: ${words}`, { cause })
}
