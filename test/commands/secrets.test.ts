import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { atTerminal } from '../support/at-terminal.js'
import { labBehindSshd, type ServedHost, type ServedLab } from '../support/lab-behind-sshd.js'
import { watchProcesses } from '../support/proc-watch.js'
import { describeWith, keygen } from '../support/sshd.js'

const program = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))
const built = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const passphrase = `passphrase-${Math.random().toString(36).slice(2)}`
const wrong = `wrong-${Math.random().toString(36).slice(2)}`

/** The operator's own file; a token in the hub's files and command line, and in its pod as the hub caches it. */
const hubFiles = [
  'etc/kubernetes/manifests/yurt-hub.yaml 600',
  'var/lib/yurthub/bootstrap-hub.conf 600',
  'proc/\\d+/cmdline 644',
  'etc/kubernetes/cache/kubelet/pods/kube-system/yurt-hub-\\S+ 644',
]
const meant = new RegExp(`^(file: password 600|token: lab/hosts/[^/]+/(${hubFiles.join('|')}))$`)

describeWith(['sshd', 'root', 'sudo', 'keygen'], 'the secrets of a whole run', () => {
  let served: ServedLab
  let ended = false
  const tokens = new Set<string>()
  const path = (name: string) => join(served.folder, name)
  const hostAt = (index: number) => served.hosts[index] as ServedHost

  beforeAll(async () => {
    if (!existsSync(built)) throw new Error('dist is not built: npm run build')
    served = await labBehindSshd(4)
    prepare()
    void watchTokens()
  }, 60_000)

  afterAll(async () => {
    ended = true
    await served.close()
  })

  /** The control plane by a key with a passphrase; the cloud host by typed passwords; edge hosts by a file, by a variable. */
  function prepare(): void {
    const [master, cloud, north, south] = [0, 1, 2, 3].map(hostAt) as [
      ServedHost,
      ServedHost,
      ServedHost,
      ServedHost,
    ]
    mkdirSync(path('home'))
    writeFileSync(
      join(master.sshd.folder, 'authorized_keys'),
      `${keygen(path('id'), 'ed25519', passphrase)}\n`,
    )
    writeFileSync(path('password'), `${north.user.password}\n`, { mode: 0o600 })
    const relay = `const s = require('net').connect(process.argv[2], process.argv[1]); process.stdin.pipe(s).pipe(process.stdout)`
    writeFileSync(path('relay'), `#!/bin/sh\nexec ${process.execPath} -e "${relay}" "$@"\n`, { mode: 0o755 })
    writeFileSync(path('ssh_config'), `ProxyCommand ${path('relay')} %h %p\n`)
    writeFileSync(path('kubeconfig'), kubeconfigWithPlugin())
    const at = ({ sshd, user }: ServedHost, ssh: object) => ({
      address: '127.0.0.1',
      ssh: { port: sshd.port, user: user.name, ...ssh },
    })
    const inventory = {
      cluster: { kubeconfig: path('kubeconfig') },
      openyurt: { release: 'v0.6.1' },
      ssh: { knownHosts: path('known_hosts'), identityFile: [], identitiesOnly: true, config: 'none' },
      groups: {
        cloud: {
          role: 'cloud',
          hosts: {
            'cp-1': at(master, { user: 'root', identityFile: path('id') }),
            'cloud-1': at(cloud, { password: 'ask' }),
          },
        },
        north: {
          role: 'edge',
          ssh: { password: { file: 'password' }, sudoPassword: { file: 'password' } },
          hosts: { 'edge-1': at(north, {}) },
        },
        south: {
          role: 'edge',
          ssh: { password: { env: 'SOUTH' }, sudoPassword: { env: 'SOUTH' } },
          hosts: { 'edge-2': at(south, { config: path('ssh_config') }) },
        },
      },
    }
    writeFileSync(path('inventory.yaml'), JSON.stringify(inventory))
  }

  /** The lab's kubeconfig, its token from a program. */
  function kubeconfigWithPlugin(): string {
    const config = JSON.parse(readFileSync(path('lab/kubeconfig'), 'utf8')) as {
      users: { user: { token: string } }[]
    }
    const apiVersion = 'client.authentication.k8s.io/v1beta1'
    const credential = { apiVersion, kind: 'ExecCredential', status: { token: config.users[0]?.user.token } }
    writeFileSync(path('credential'), `#!/bin/sh\nsleep 0.3\necho '${JSON.stringify(credential)}'\n`, {
      mode: 0o755,
    })
    const user = { exec: { apiVersion, command: path('credential') } }
    return JSON.stringify({ ...config, users: [{ ...config.users[0], user }] })
  }

  /** A token lives as long as its run. */
  async function watchTokens(): Promise<void> {
    const request = { method: 'GET', path: '/api/v1/namespaces/kube-system/secrets', user: 'admin' }
    while (!ended) {
      const { body } = await served.lab.api.send(request)
      const { items } = JSON.parse(body) as { items: { type?: string; data?: Record<string, string> }[] }
      for (const { type, data } of items)
        if (type === 'bootstrap.kubernetes.io/token')
          tokens.add(Buffer.from(data?.['token-secret'] ?? '', 'base64').toString())
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async function yurtSsh(words: string, sudo = hostAt(1).user.password) {
    const { PATH } = process.env
    const SOUTH = hostAt(3).user.password
    const env = { PATH, HOME: path('home'), XDG_STATE_HOME: path('state'), TERM: 'xterm', SOUTH }
    const command = [process.execPath, program, ...words.split(' '), '-i', 'inventory.yaml', '-K']
    const { status, text } = await atTerminal(command, { cwd: served.folder, env }, [
      [/passphrase for \S+: $/, passphrase],
      [/SSH password for \S+: $/, hostAt(1).user.password],
      [/sudo password, [^\n]*: $/, sudo],
    ])
    writeFileSync(path(`${words}.out`.replaceAll(' ', '_')), text)
    return { status, text }
  }

  it('are nowhere but where they are meant to be', { timeout: 240_000 }, async () => {
    const watch = await watchProcesses()
    try {
      const checked = await yurtSsh('convert --join-token --check --diff --json')
      expect(checked.status, checked.text).toBe(10)
      const refused = await yurtSsh('convert --join-token --yes -vv', wrong)
      // the terminal breaks lines
      expect(refused.text.replace(/\s+/g, ' ')).toContain(
        'sudo does not take the password as typed; it was tried once',
      )
      const converted = await yurtSsh('convert --join-token --yes -vv --report report.html')
      expect(converted.status, converted.text).toBe(0)

      expect(tokens.size).toBe(1)
      const secrets = Object.fromEntries([
        ['passphrase', passphrase],
        ['wrong', wrong],
        ...[...tokens].map((token) => ['token', token]),
        // A part of it that no quoting changes.
        ...['typed', 'file', 'variable'].map((name, index) => [
          name,
          hostAt(index + 1)
            .user.password.split(' ')
            .at(-1),
        ]),
      ]) as Record<string, string>
      const { found, commands } = await watch.end(secrets)
      for (const seen of ['sudo -k -S -p', path('credential'), path('relay').slice(0, -5)])
        expect(commands.join('\n')).toContain(seen)
      // The operator's own variable, in his own shell and program.
      const isOwn = (line: string) => line.startsWith('variable, environ of ') && line.includes(program)
      expect(found.filter((line) => !isOwn(line))).toEqual([])
      const kept = Object.entries(secrets).flatMap(([name, secret]) =>
        filesWith(secret).map((file) => `${name}: ${file}`),
      )
      expect(kept.filter((line) => !meant.test(line))).toEqual([])
      expect(kept.filter((line) => line.endsWith('yurt-hub.yaml 600'))).toHaveLength(3)
    } finally {
      watch.kill()
    }
  })

  /** Files that hold a text, with their modes. */
  function filesWith(text: string): string[] {
    return readdirSync(served.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file).includes(text))
      .map((file) => `${file.replace(`${served.folder}/`, '')} ${(lstatSync(file).mode & 0o777).toString(8)}`)
      .sort()
  }
})
