import { createConnection, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'ssh2'
import { systemWords } from '../errors/system.js'
import { YurtSshError } from '../errors.js'
import type { SshHop } from '../inventory/types.js'
import { authHandler, Locked } from './auth.js'
import { rejection, withDeadline } from './deadline.js'
import { type LoginProgress, loginFailure, property, restated } from './failures.js'
import { hopName } from './hop-name.js'
import { closedVerifier, type HostKeys } from './host-keys.js'
import type { Identities, Offer } from './identities.js'
import type { Trial } from './trials.js'

/** A connection that is logged in. */
export interface Connection {
  readonly client: Client
  /** Aborted when the link is gone; the reason says why, in words. */
  readonly lost: AbortSignal
  /** Why it is to have no password: its host key has changed, and is trusted all the same. */
  readonly doubt?: YurtSshError
  close(): void
}

export interface Credentials {
  identities: Identities
  hostKeys: HostKeys
}

/** How to reach a hop. */
export interface Route {
  /** What errors call the hop. */
  label: string
  /** What questions call it. */
  who: string
  openSocket(stop: AbortSignal): Duplex | Promise<Duplex>
  signal: AbortSignal
}

const attempts = 3
/** A dead link is noticed within this many seconds, whatever ssh_config says of ServerAliveInterval. */
const deadLinkSeconds = 55
const closeGraceMs = 1000

/**
 * Connects and logs in. A connection refused or reset before authentication is tried up to 2 more times, since a busy sshd
 * drops some (MaxStartups); nothing else is, so that no account gets locked.
 * @throws YurtSshError SSH_REFUSED, SSH_TIMEOUT, SSH_UNREACHABLE, SSH_DNS, SSH_HOST_KEY_UNKNOWN, SSH_HOST_KEY_CHANGED,
 * SSH_HOST_KEY_REVOKED, SSH_KNOWN_HOSTS, SSH_KEY, SSH_AUTH, SSH_NO_COMMON_ALGORITHM, SSH_PROTOCOL, SSH_LOST, SSH_ABORTED
 */
export async function connect(hop: SshHop, credentials: Credentials, route: Route): Promise<Connection> {
  const deadline = { seconds: hop.connectTimeout, signal: route.signal, timeout: () => noAnswer(hop) }
  const { hostKeys, identities } = credentials
  let turn: Trial | undefined
  const logIn = async () => {
    const offer = await identities.offer(hop, route.who)
    return withDeadline(deadline, (stop) => login(hop, { hostKeys, offer, turn }, { ...route, signal: stop }))
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await (turn === undefined ? logIn() : turn.run(hopName(hop), logIn))
    } catch (error) {
      if (error instanceof Locked) turn = error.trial
      const failure = error instanceof Locked ? await failureOf(error.unlock()) : error
      if (failure === undefined) continue
      if (!(failure instanceof YurtSshError)) throw failure
      if (failure.code !== 'SSH_REFUSED' || attempt >= attempts) throw inRoute(failure, hop, route)
    }
    await sleep(attempt * (300 + Math.random() * 600), undefined, { signal: route.signal }).catch(
      () => undefined,
    )
  }
}

function failureOf(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** The error with the hop in front, and what of ssh_config may be why it does not work here. */
function inRoute(error: YurtSshError, { notHonoured = [] }: SshHop, { label }: Route): YurtSshError {
  const ignored = notHonoured.length === 0 ? [] : [`not honoured of ssh_config: ${notHonoured.join(', ')}`]
  const hint = [error.hint, ...ignored].filter(Boolean).join('; ')
  return restated(error, { message: `${label}: ${error.message}`, ...(hint && { hint }) })
}

async function login(
  hop: SshHop,
  { offer, hostKeys, turn }: { offer: Offer; hostKeys: HostKeys; turn: Trial | undefined },
  { openSocket, signal }: Route,
): Promise<Connection> {
  const progress: LoginProgress & { refusal?: unknown } = { authenticating: false, tried: offer.tried }
  const serverHostKey = hostKeys.algorithms(hop)
  const sock = await openSocket(signal)
  const client = new Client()
  const connection = watch(client, sock)
  const refuse = (error: unknown) => {
    progress.refusal = error
  }
  const doubt = (why: YurtSshError) => {
    progress.doubt = why
  }
  try {
    // The listeners stay as long as the client, with all that they can reach: not the signal.
    const ready = new Promise<void>((resolve, reject) => {
      client.once('ready', resolve)
      client.once('handshake', () => {
        progress.authenticating = true
      })
      client.on('error', (error) => property(error, 'level') !== 'agent' && reject(error))
      client.once('close', () => reject(new Error('connection closed')))
      client.once('change password', () => giveUp(passwordExpired(hop)))
      const giveUp = (error: Error) => {
        progress.refusal = error
        reject(error)
      }
      let certified = false
      // it costs words for every packet, so only where they matter
      const debug = (line: string) => {
        if (/^Handshake: \(remote\) Host key format: .*-cert-v01@/.test(line)) certified = true
      }
      client.connect({
        sock,
        ...(hostKeys.hasRevoked(hop) && { debug }),
        username: hop.user,
        readyTimeout: 0,
        ...keepalive(hop),
        algorithms: { serverHostKey },
        hostVerifier: closedVerifier((blob) => hostKeys.check(hop, blob, { doubt, certified }), refuse),
        authHandler: authHandler({ user: hop.user, offer, progress, turn, giveUp }),
      })
    })
    await Promise.race([ready, rejection(signal)])
  } catch (error) {
    sock.destroy()
    throw progress.refusal instanceof Locked
      ? progress.refusal
      : loginFailure(progress.refusal ?? error, progress)
  }
  return progress.doubt === undefined ? connection : { ...connection, doubt: progress.doubt }
}

/** ssh2 gives a silent peer up after interval × (count + 1). */
function keepalive({ serverAliveInterval = 10, serverAliveCountMax: keepaliveCountMax = 3 }: SshHop) {
  const seconds = Math.min(serverAliveInterval, deadLinkSeconds / (keepaliveCountMax + 1))
  return { keepaliveInterval: seconds * 1000, keepaliveCountMax }
}

/** Follows a client from its start, so that no `error` event is ever without a listener. */
function watch(client: Client, sock: Duplex): Connection {
  const ended = new AbortController()
  client.on('error', (error) => {
    if (property(error, 'level') !== 'agent') ended.abort(systemWords(error))
  })
  client.on('close', () => ended.abort('connection closed'))
  return {
    client,
    lost: ended.signal,
    close() {
      ended.abort('closed by this run')
      client.end()
      setTimeout(() => sock.destroy(), closeGraceMs).unref()
    },
  }
}

/**
 * A TCP connection to the hop, without Nagle's delay (ssh2 leaves it on). Of several addresses Node gives each only 250 ms
 * before it turns to the next, less than a round trip over some links.
 */
export function tcpSocket({ address, port }: SshHop): Socket {
  return inOnePiece(
    createConnection({ host: address, port, noDelay: true, autoSelectFamilyAttemptTimeout: 3000 }),
  )
}

/** What is written in one turn of the event loop leaves in one system call: ssh2 writes every packet by itself. */
function inOnePiece(socket: Socket): Socket {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  return Object.assign(socket, {
    write(...args: unknown[]) {
      if (socket.writableCorked === 0) {
        socket.cork()
        setImmediate(() => socket.uncork())
      }
      return write(...args)
    },
  })
}

function noAnswer({ connectTimeout }: SshHop): YurtSshError {
  return new YurtSshError('SSH_TIMEOUT', `no login within ${connectTimeout} s`, {
    hint: 'is the host up, and does a firewall let this port through? over slow links raise connectTimeout',
  })
}

function passwordExpired({ user }: SshHop): YurtSshError {
  return new YurtSshError('SSH_AUTH', `the password of ${user} has expired`, {
    hint: 'log in by hand and change it',
  })
}
