import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Lab, startLab } from '../../src/lab/lab.js'
import { scratchFolder } from './scratch.js'
import { type Sshd, startSshd } from './sshd.js'
import { createTestUser, type TestUser } from './test-user.js'

/** A host of the embedded lab with a real sshd in front of it, and a user who becomes root there by a password. */
export interface ServedHost {
  sshd: Sshd
  user: TestUser
}

export interface ServedLab {
  readonly folder: string
  readonly lab: Lab
  readonly hosts: ServedHost[]
  close(): Promise<void>
}

/** An embedded lab of so many hosts. Needs root. */
export async function labBehindSshd(count: number): Promise<ServedLab> {
  const folder = scratchFolder('yurt-ssh-lab-')
  chmodSync(folder, 0o755)
  const lab = await startLab({ dir: join(folder, 'lab'), hosts: count, speed: 10 })
  const hosts = await Promise.all(lab.hosts.map(({ root }) => serve(root)))
  const known = hosts.flatMap(({ sshd }) => sshd.hostKeys.map((key) => `[127.0.0.1]:${sshd.port} ${key}\n`))
  writeFileSync(join(folder, 'known_hosts'), known.join(''))
  return {
    folder,
    lab,
    hosts,
    async close() {
      await Promise.all(hosts.map(({ sshd }) => sshd.stop()))
      await lab.close()
      for (const { user } of hosts) {
        rmSync(sudoers(user))
        user.remove()
      }
      rmSync(folder, { recursive: true })
    },
  }
}

const sudoers = ({ name }: TestUser) => `/etc/sudoers.d/${name}`

async function serve(root: string): Promise<ServedHost> {
  const bin = join(root, '.lab/bin')
  rmSync(join(bin, 'sudo'))
  symlinkSync('/usr/bin/sudo', join(bin, 'sudo'))
  const user = createTestUser()
  const rules = [
    `Defaults:${user.name} secure_path="${bin}", env_keep+="YURT_SSH_ROOT"`,
    `${user.name} ALL=(root) ALL`,
  ]
  writeFileSync(sudoers(user), `${rules.join('\n')}\n`, { mode: 0o440 })
  const sshd = await startSshd({
    config: [`SetEnv "PATH=${bin}" "YURT_SSH_ROOT=${root}"`, 'UsePAM yes', 'PasswordAuthentication yes'],
  })
  chmodSync(sshd.folder, 0o755)
  return { sshd, user }
}
