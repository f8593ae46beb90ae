import { messageOf, YurtSshError } from '../errors.js'

type Words = readonly [pattern: RegExp, what: string, hint: string]

/** What a login shell says that runs no commands; sudo has not even begun then. */
const shellWords: readonly Words[] = [
  [
    /account is (currently )?not available/i,
    'the login shell is nologin',
    'give this user a shell, or log in as another one',
  ],
  [
    /restricted/,
    'the login shell is restricted (rbash)',
    'it needs env, sh and sudo on its PATH, or another login shell',
  ],
  [
    /allows sftp connections only/,
    'this user may only use SFTP',
    'a ForceCommand in sshd_config; log in as another user',
  ],
]

const sudoWords: readonly Words[] = [
  [
    /password is required|terminal is required/,
    'sudo needs a password',
    '-K, ssh.sudoPassword in the inventory, or NOPASSWD for this user in sudoers',
  ],
  [/must have a tty/, 'sudo wants a terminal', '`Defaults:USER !requiretty` in sudoers'],
  [
    /not in the sudoers|not allowed|may not run/,
    'sudo does not allow it',
    'allow this user `sh` as root in sudoers',
  ],
  [/sudo.*(not found|unknown command|no such file)/i, 'there is no sudo', 'install sudo, or log in as root'],
  [/(expired|change your password)/i, 'its password has expired', 'log in by hand and change it'],
]

/** Why no root shell came to be, by the host's words. */
export function noRoot(user: string, status: number | undefined, detail: string): YurtSshError {
  const noShell = shellWords.find(([pattern]) => pattern.test(detail))
  if (noShell !== undefined || user === 'root') {
    const [, what, hint] = noShell ?? [
      undefined,
      `no shell: \`sh\` ended with ${status ?? 'no status'}`,
      'is the login shell one that runs commands, and is there no forced command on this key?',
    ]
    return new YurtSshError('HOST_SHELL', what, { detail, hint })
  }
  const [, what, hint] = sudoWords.find(([pattern]) => pattern.test(detail)) ?? [
    undefined,
    `sudo ended with ${status ?? 'no status'}`,
    'try `sudo -n sh` on the host; is there a forced command on this key?',
  ]
  return new YurtSshError('HOST_SUDO', `${user} does not become root: ${what}`, { detail, hint })
}

/** `source` says where the password came from. */
export function wrongPassword(user: string, source: string, detail: string): YurtSshError {
  return new YurtSshError(
    'HOST_SUDO_PASSWORD',
    `${user} does not become root: sudo does not take the password ${source}; it was tried once`,
    { detail, hint: 'does this host have another one? ssh.sudoPassword can be set per group and host' },
  )
}

/** `words` are what else the host said. */
export function becameNobody(user: string, output: string, words: string): YurtSshError {
  const uid = output.trim() || 'unknown'
  return new YurtSshError('HOST_NOT_ROOT', `the shell that ${user} gets runs as uid ${uid}, not as 0`, {
    detail: words.trim(),
    hint:
      user === 'root'
        ? 'is root renamed on this host?'
        : 'does sudo run as another user there (runas_default)?',
  })
}

export function noSession(cause: Error): YurtSshError {
  return new YurtSshError('SSH_SESSIONS', `it opens no session on this connection: ${messageOf(cause)}`, {
    hint: 'MaxSessions in its sshd_config, or PermitTTY where sudo wants a terminal',
    cause,
  })
}
