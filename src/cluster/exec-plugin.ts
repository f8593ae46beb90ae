import { spawn } from 'node:child_process'
import { messageOf, YurtSshError } from '../errors.js'

/** `exec` of a kubeconfig's user. */
export interface ExecPlugin {
  apiVersion?: string
  command?: string
  args?: string[] | null
  env?: { name: string; value: string }[] | null
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always'
  provideClusterInfo?: boolean
  installHint?: string
}

export interface Credential {
  token?: string
  clientCertificateData?: string
  clientKeyData?: string
  expirationTimestamp?: string
}

/** Seconds that a plugin has; with a terminal somebody may have to log in. */
const limits = { alone: 60, atTerminal: 600 }

/**
 * The credentials of an exec plugin: kept until they expire, asked for anew with `again`. At a terminal the plugin may ask
 * there, as with kubectl. `cluster` is what a plugin is told that asks for it.
 * @throws YurtSshError KUBECONFIG_PLUGIN
 */
export function execPlugin(
  plugin: ExecPlugin,
  cluster: Record<string, unknown>,
): (again: boolean) => Promise<Credential> {
  let kept: Promise<Credential> | undefined
  return async (again) => {
    const known = again ? undefined : await kept?.catch(() => undefined)
    const expires = Date.parse(known?.expirationTimestamp ?? '')
    if (known === undefined || expires <= Date.now()) kept = run(plugin, cluster)
    return await (kept as Promise<Credential>)
  }
}

async function run(plugin: ExecPlugin, cluster: Record<string, unknown>): Promise<Credential> {
  const { command = '', interactiveMode = 'IfAvailable', apiVersion = '' } = plugin
  const interactive = interactiveMode !== 'Never' && process.stdin.isTTY === true
  if (interactiveMode === 'Always' && !interactive)
    throw failed(command, 'wants a terminal, and there is none', 'run from a terminal')
  const info = {
    kind: 'ExecCredential',
    apiVersion,
    spec: { interactive, ...(plugin.provideClusterInfo && { cluster }) },
  }
  const env = {
    ...process.env,
    ...Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  }
  const { code, stdout, stderr } = await ended(plugin, env, interactive).catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw failed(command, missing ? 'is not there' : messageOf(error), plugin.installHint?.trim())
  })
  if (code !== 0) throw failed(command, `ended with ${code}`, plugin.installHint?.trim(), stderr)
  return credentialIn(stdout, command, apiVersion)
}

interface Ended {
  code: number | string
  stdout: string
  stderr: string
}

function ended(plugin: ExecPlugin, env: NodeJS.ProcessEnv, interactive: boolean): Promise<Ended> {
  const seconds = interactive ? limits.atTerminal : limits.alone
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command ?? '', plugin.args ?? [], {
      env,
      // at a terminal its questions and the addresses to open have to be seen
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => (stdout += piece))
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => (stderr += piece))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      // a helper that it left behind may hold them open
      child.stdout?.destroy()
      child.stderr?.destroy()
      reject(new Error(`did not end within ${seconds} s`))
    }, seconds * 1000)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? signal ?? 1, stdout, stderr })
    })
    child.on('error', () => clearTimeout(timer))
  })
}

/** What it prints is never shown: it is the credential. */
function credentialIn(stdout: string, command: string, apiVersion: string): Credential {
  let said: { kind?: string; apiVersion?: string; status?: Credential }
  try {
    said = JSON.parse(stdout) as typeof said
  } catch {
    throw failed(command, 'printed no JSON')
  }
  if (said.apiVersion !== apiVersion)
    throw failed(command, `speaks ${said.apiVersion ?? 'no version'}, the kubeconfig says ${apiVersion}`)
  const { token, clientCertificateData } = said.status ?? {}
  if (!token && !clientCertificateData) throw failed(command, 'printed neither token nor certificate')
  return said.status ?? {}
}

function failed(command: string, what: string, hint?: string, detail?: string): YurtSshError {
  return new YurtSshError('KUBECONFIG_PLUGIN', `the kubeconfig's exec plugin ${command} ${what}`, {
    hint: hint || 'does `kubectl get nodes` work with this kubeconfig?',
    ...(detail?.trim() && { detail: detail.trim() }),
  })
}
