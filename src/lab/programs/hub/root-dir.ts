import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The hub's own folder: the CA it trusts, how it bootstraps, its certificates. */
export interface RootDir {
  /** Empties it unless bootstrap-hub.conf names this server. True when it was emptied. */
  wipeUnlessFor(server: string): boolean
  wipe(): void
  readonly authority: string | undefined
  setAuthority(pem: string): void
  /** The token in bootstrap-hub.conf; undefined when it holds none. */
  bootstrapToken(): string | undefined
  writeBootstrap(server: string, token: string): void
  hasBootstrap(): boolean
  certificate(kind: 'yurthub' | 'yurthub-server'): string | undefined
  setCertificate(kind: 'yurthub' | 'yurthub-server', pem: string, time: number): void
  writeConfig(server: string): void
}

interface Kubeconfig {
  clusters?: { name: string; cluster: { server: string } }[]
  users?: { user?: { token?: string } }[]
}

/** `path` is a real one, inside the host's folder; `named` is how the host calls it. */
export function openRootDir(path: string, named: string): RootDir {
  const file = (...parts: string[]): string => join(path, ...parts)
  const read = (...parts: string[]): string | undefined =>
    existsSync(file(...parts)) ? readFileSync(file(...parts), 'utf8') : undefined
  const write = (text: string, mode: number, ...parts: string[]): void => {
    mkdirSync(join(file(...parts), '..'), { recursive: true })
    writeFileSync(file(...parts), text, { mode })
  }
  const bootstrap = (): Kubeconfig | null => parse(read('bootstrap-hub.conf') ?? 'null') as Kubeconfig | null

  const folder: RootDir = {
    wipeUnlessFor(server) {
      if (bootstrap()?.clusters?.find(({ name }) => name === 'kubernetes')?.cluster.server === server)
        return false
      folder.wipe()
      return true
    },
    wipe() {
      const entries = existsSync(path) ? readdirSync(path) : []
      for (const entry of entries) rmSync(file(entry), { recursive: true, force: true })
    },
    get authority() {
      return read('pki', 'ca.crt')
    },
    setAuthority: (pem) => write(pem, 0o644, 'pki', 'ca.crt'),
    bootstrapToken: () => bootstrap()?.users?.[0]?.user?.token,
    hasBootstrap: () => existsSync(file('bootstrap-hub.conf')),
    writeBootstrap(server, token) {
      const user = token === '' ? 'user: {}' : `user:\n    token: ${token}`
      write(kubeconfig('kubernetes', server, 'token-bootstrap-client', user), 0o600, 'bootstrap-hub.conf')
    },
    certificate: (kind) => read('pki', `${kind}-current.pem`),
    setCertificate(kind, pem, time) {
      const name = `${kind}-${new Date(time).toISOString().slice(0, 19).replace(/[T:]/g, '-')}.pem`
      write(pem, 0o600, 'pki', name)
      rmSync(file('pki', `${kind}-current.pem`), { force: true })
      symlinkSync(name, file('pki', `${kind}-current.pem`))
    },
    writeConfig(server) {
      const pair = join(named, 'pki/yurthub-current.pem')
      const user = `user:\n    client-certificate: ${pair}\n    client-key: ${pair}`
      write(kubeconfig('default-cluster', server, 'default-auth', user), 0o600, 'yurthub.conf')
    },
  }
  return folder
}

function kubeconfig(cluster: string, server: string, name: string, user: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: ${cluster}
  cluster:
    server: ${server}
contexts:
- name: default-context
  context:
    cluster: ${cluster}
    user: ${name}
current-context: default-context
users:
- name: ${name}
  ${user}
`
}
