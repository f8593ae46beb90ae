import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

/** A user of this machine with a password, for what sshd and sudo only do for real users. */
export interface TestUser {
  readonly name: string
  readonly home: string
  /** Has quotes, blanks and letters beyond ASCII in it. */
  readonly password: string
  remove(): void
}

/** Needs root. The name is new each time, so that suites may run at the same time. */
export function createTestUser(shell = '/bin/bash'): TestUser {
  const name = `yurt-ssh-${randomBytes(4).toString('hex')}`
  const password = `it's a "secret" $HOME \\ größe ${randomBytes(4).toString('hex')}`
  execFileSync('useradd', ['--create-home', '--shell', shell, name])
  execFileSync('chpasswd', { input: `${name}:${password}\n` })
  return {
    name,
    home: `/home/${name}`,
    password,
    remove: () => void spawnSync('userdel', ['--force', '--remove', name]),
  }
}
