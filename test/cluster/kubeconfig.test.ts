import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openCluster } from '../../src/cluster/client.js'
import { proxyFor } from '../../src/cluster/proxy.js'
import type { YurtSshError } from '../../src/errors.js'
import { pki, type TlsApi, tlsApi } from '../support/tls-api.js'
import { exceptions, type Row, refusals, rows } from './kubeconfig-rows.js'

let api: TlsApi
let folder: string

beforeEach(async () => {
  api = await tlsApi()
  folder = mkdtempSync(path.join(tmpdir(), 'kubeconfig-'))
  cpSync(pki, path.join(folder, 'pki'), { recursive: true })
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'])
    vi.stubEnv(name, '')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
  await api.close()
})

const data = (name: string) => readFileSync(path.join(pki, name)).toString('base64')

/** Writes the files below `site/` and gives the environment to use them with. */
function lay({ files, env = {} }: Pick<Row, 'files' | 'env'>): Record<string, string> {
  const fill = (text: string): string =>
    text
      .replaceAll('PORT', String(api.port))
      .replaceAll('PLAIN', String(api.plainPort))
      .replaceAll('PROXY', String(api.proxyPort))
      .replaceAll('PKI', pki)
      .replaceAll(/\bCA\b/g, data('ca.crt'))
      .replaceAll(/\bKEY\b/g, data('client.key'))
  const root = path.join(folder, 'ops')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), fill(text), { mode: 0o700 })
  }
  const filled: Record<string, string> = {}
  for (const [name, value] of Object.entries({ KUBECONFIG: 'config', ...env })) {
    const list = name === 'KUBECONFIG' || name === 'PATH'
    filled[name] = list
      ? value
          .split(':')
          .map((one) => path.resolve(root, one))
          .join(':')
      : fill(value)
  }
  return filled
}

const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as YurtSshError,
  )

async function version(files: Row['files'], env?: Row['env']): Promise<string> {
  for (const [name, value] of Object.entries(lay({ files, ...(env && { env }) }))) vi.stubEnv(name, value)
  const cluster = await openCluster({ retrySeconds: 0 })
  try {
    return await cluster.version()
  } finally {
    cluster.close()
  }
}

describe('a kubeconfig as kubectl takes it', () => {
  it.each(rows)('$name', async ({ files, env, seen }) => {
    expect(await version(files, env)).toBe('v1.20.2')
    expect(api.seen).toEqual([expect.objectContaining(seen)])
  })
})

describe('a kubeconfig that cannot be used', () => {
  it.each(refusals)('$error.message', async ({ user = '{token: t}', files = {}, error, ...rest }) => {
    const cluster = rest.cluster ?? '{server: "https://127.0.0.1:PORT", certificate-authority: PKI/ca.crt}'
    const config = `clusters: [{name: k, cluster: ${cluster}}]\nusers: [{name: u, user: ${user}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c`
    const said = await caught(version({ config, ...files }, rest.env))
    expect(said).toMatchObject({
      ...error,
      ...Object.fromEntries(
        Object.entries(error).map(([key, text]) => [
          key,
          key === 'code' ? text : expect.stringContaining(text),
        ]),
      ),
    })
    expect(JSON.stringify([said, said?.message, said?.hint, said?.detail, said?.stack])).not.toContain(
      'hunter2',
    )
    expect(api.seen).toEqual([])
  })
})

describe('credentials that are refused', () => {
  it.each([
    ['a token file is read anew', '{tokenFile: tok.txt}'],
    [
      'an exec plugin is run anew',
      '{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./login, interactiveMode: Never}}',
    ],
  ])('%s', async (_, user) => {
    const config = `clusters: [{name: k, cluster: {server: "https://127.0.0.1:PORT", certificate-authority: PKI/ca.crt}}]\nusers: [{name: u, user: ${user}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c`
    const login = `#!/bin/sh\ncd "\${0%/*}" && printf '{"apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"%s"}}' "$(cat tok.txt)"`
    const { KUBECONFIG = '' } = lay({ files: { config, login, 'tok.txt': 'old\n' } })
    const cluster = await openCluster({ kubeconfig: KUBECONFIG, retrySeconds: 0 })
    await cluster.version()
    writeFileSync(path.join(path.dirname(KUBECONFIG), 'tok.txt'), 'new\n')
    await cluster.version()
    api.statuses.push(401)
    await cluster.version()
    cluster.close()
    expect(api.seen.map(({ headers: [token] }) => token)).toEqual(
      ['old', 'old', 'old', 'new'].map((token) => `authorization: Bearer ${token}`),
    )
  })
})

it('a proxy that never answers is given up', async () => {
  const config =
    'clusters: [{name: k, cluster: {server: "https://silent.invalid", proxy-url: "http://127.0.0.1:PROXY"}}]\ncontexts: [{name: c, context: {cluster: k}}]\ncurrent-context: c'
  const { KUBECONFIG = '' } = lay({ files: { config } })
  const cluster = await openCluster({ kubeconfig: KUBECONFIG, retrySeconds: 0 })
  const short = await caught(cluster.version({ timeoutSeconds: 0.2 }))
  expect(short).toMatchObject({
    code: 'API_TIMEOUT',
    hint: expect.stringContaining('the proxy http://127.0.0.1'),
  })
  const long = await caught(cluster.version({ timeoutSeconds: 60 }))
  cluster.close()
  expect(long).toMatchObject({ code: 'API_UNREACHABLE', message: expect.stringContaining('Proxy timeout') })
})

describe('NO_PROXY', () => {
  it.each(exceptions)('%s with %j goes directly: %s', (server, list, direct) => {
    const proxy = proxyFor(server, { HTTPS_PROXY: 'p:3128', NO_PROXY: list })
    expect(proxy).toBe(direct ? undefined : 'http://p:3128')
  })

  it.each([
    [{ https_proxy: 'http://a', HTTPS_PROXY: 'http://b' }, 'http://b'],
    [{ https_proxy: 'socks5://a' }, 'socks5://a'],
    [{ HTTP_PROXY: 'http://a', ALL_PROXY: 'http://b' }, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
  ])('of %j an https server goes by %s', (env, proxy) => {
    expect(proxyFor('https://api.example.org:6443', env)).toBe(proxy)
  })
})

describe.runIf(process.env.KUBECTL)('kubectl itself, which KUBECTL names', () => {
  it.each(rows)('$name', async ({ files, env, seen }) => {
    const child = spawn(process.env.KUBECTL ?? '', ['version', '--output', 'json'], {
      env: { ...process.env, ...lay({ files, ...(env && { env }) }) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
    expect(api.seen).toEqual([expect.objectContaining(seen)])
  })
})
