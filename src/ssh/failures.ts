import { systemWords } from '../errors/system.js'
import { YurtSshError } from '../errors.js'

/** How far a login had come when it failed. */
export interface LoginProgress {
  /** Key exchange done and host key trusted: from here on the server knows that we are there. */
  authenticating: boolean
  /** What there was to log in with, in words. */
  tried: string[]
  /** Why it is to have no password: its host key has changed, and is trusted all the same. */
  doubt?: YurtSshError
  /** Methods that the server would take, as it said after a failed one. */
  accepted?: readonly string[]
}

const byCode: Readonly<Record<string, [code: string, words: string, hint: string]>> = {
  ECONNREFUSED: ['SSH_REFUSED', 'connection refused', 'is sshd running, and is this its port?'],
  ETIMEDOUT: ['SSH_TIMEOUT', 'no answer', 'is the host up, and does a firewall let this port through?'],
  EHOSTUNREACH: ['SSH_UNREACHABLE', 'no route to the host', 'is the host up? does it need a bastion?'],
  ENETUNREACH: ['SSH_UNREACHABLE', 'no route to its network', 'does it need a bastion?'],
  ENOTFOUND: [
    'SSH_DNS',
    'its name does not resolve',
    'check the name; or set `address`, or `HostName` in ssh_config, to an IP address',
  ],
  EAI_AGAIN: ['SSH_DNS', 'its name cannot be resolved now', 'is the name server reachable from here?'],
}

/** The operator's version of what ssh2, or the socket below it, reported before the login was complete. */
export function loginFailure(cause: unknown, progress: LoginProgress): YurtSshError {
  if (cause instanceof YurtSshError) return cause
  const message = systemWords(cause)
  const code = property(cause, 'code')
  const known = typeof code === 'string' ? byCode[code] : undefined
  if (known !== undefined) return new YurtSshError(known[0], known[1], { hint: known[2], cause })
  if (/no matching/.test(message)) return noCommonAlgorithm(message, cause)
  if (property(cause, 'level') === 'client-authentication' || /too many authentication/i.test(message)) {
    return refusedLogin(message, progress, cause)
  }
  if (typeof property(cause, 'syscall') === 'string' && !isHangUp(code, message))
    return new YurtSshError('SSH_UNREACHABLE', `this machine does not get through: ${message}`, {
      hint: 'a firewall, the network or a limit of this machine',
      cause,
    })
  if (!isHangUp(code, message))
    return new YurtSshError('SSH_PROTOCOL', `it does not speak SSH as expected: ${message}`, { cause })
  if (progress.authenticating)
    return new YurtSshError('SSH_LOST', `connection lost during login: ${message}`, { cause })
  return new YurtSshError('SSH_REFUSED', `it hung up before the login: ${message}`, {
    hint: 'too many connection starts (MaxStartups), a ban (fail2ban), or not an SSH port',
    cause,
  })
}

function isHangUp(code: unknown, message: string): boolean {
  return (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    /^(connection (lost|closed)|keepalive timeout)/i.test(message)
  )
}

function noCommonAlgorithm(message: string, cause: unknown): YurtSshError {
  return new YurtSshError('SSH_NO_COMMON_ALGORITHM', message.replace('Handshake failed: ', ''), {
    hint: /key exchange/.test(message)
      ? 'it offers only key exchanges that are too old, or only post-quantum ones, which are not supported: allow curve25519-sha256 in its KexAlgorithms'
      : 'it offers only algorithms that are too old or too new; SHA-1 host key signatures (ssh-rsa) are never taken',
    cause,
  })
}

function refusedLogin(message: string, { tried, accepted }: LoginProgress, cause: unknown): YurtSshError {
  const offered = tried.length === 0 ? 'there was no key to offer' : `offered ${tried.join(', ')}`
  const wanted = accepted === undefined ? '' : `; it takes ${accepted.join(', ')}`
  const tooMany = /too many/i.test(message)
  return new YurtSshError(
    tried.some(isPassword) ? 'SSH_PASSWORD' : 'SSH_AUTH',
    `login refused: ${offered}${wanted}${tooMany ? ' (too many attempts)' : ''}`,
    {
      hint: tooMany ? 'name one identityFile and set identitiesOnly: true' : loginHint(accepted ?? [], tried),
      cause,
    },
  )
}

const ownMethods = ['publickey', 'password', 'keyboard-interactive']

function loginHint(accepted: readonly string[], tried: readonly string[]): string {
  if (accepted.length > 0 && !accepted.some((method) => ownMethods.includes(method)))
    return `${accepted.join(', ')} is not supported; a key or a password is`
  if (accepted.length > 0 && !accepted.includes('publickey') && !tried.some(isPassword))
    return 'it takes no key: set ssh.password in the inventory to ask, { file: … } or { env: … }'
  return 'is the public key in authorized_keys of this user? set user, identityFile, or start an agent; certificates and hardware keys are not supported'
}

const isPassword = (what: string) => what.startsWith('the password')

/** Whether a secret was wrong or not to be had: to try again would ask again, or lock an account. */
export function isSecretFailure(error: unknown): boolean {
  return (
    error instanceof YurtSshError &&
    /^(SSH_PASSWORD|SSH_SECRET|HOST_SUDO_PASSWORD|USAGE_NOBODY_TO_ASK|INTERRUPTED)$/.test(error.code)
  )
}

/** A property of whatever was thrown; ssh2 puts `level`, `code` and `reason` on its errors, untyped. */
export function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
}

/** The same error with another message, or with the host it is about. */
export function restated(
  error: YurtSshError,
  change: { message?: string; host?: string; hint?: string },
): YurtSshError {
  const { code, message, host, hint, detail, cause } = {
    ...error,
    message: error.message,
    cause: error.cause,
    ...change,
  }
  return new YurtSshError(code, message, {
    ...(host !== undefined && { host }),
    ...(hint !== undefined && { hint }),
    ...(detail !== undefined && { detail }),
    ...(cause !== undefined && { cause }),
  })
}
