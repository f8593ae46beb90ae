import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { subjectOf } from '../pki.js'
import type { Clock } from '../types.js'
import type { Reply } from './calls.js'
import type { Network } from './network.js'

/** curl's exit statuses (man curl). */
const exits: Readonly<Record<string, number>> = { ENOTFOUND: 6, ECONNREFUSED: 7, ETIMEDOUT: 28 }

const options = {
  silent: { type: 'boolean', short: 's' },
  insecure: { type: 'boolean', short: 'k' },
  noproxy: { type: 'string' },
  'max-time': { type: 'string', short: 'm' },
  'user-agent': { type: 'string', short: 'A' },
  'write-out': { type: 'string', short: 'w' },
  output: { type: 'string', short: 'o' },
  cacert: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
} as const

/**
 * curl for the addresses that a host of the lab knows. Who asks is who its client certificate names; without
 * `--insecure` an https address wants a `--cacert` that exists.
 */
export async function curl(args: readonly string[], network: Network, clock: Clock): Promise<Reply> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const url = new URL(positionals[0] ?? '')
  const said = (status: number, body: string, code: string, why = ''): Reply => ({
    status,
    stdout:
      (values.output === '/dev/null' ? '' : body) +
      (values['write-out'] ?? '').replaceAll('\\n', '\n').replaceAll('%{http_code}', code),
    stderr: why === '' || values.silent ? '' : `curl: (${status}) ${why}\n`,
  })
  for (const file of [values.cacert, values.cert, values.key]) {
    if (file !== undefined && !existsSync(file)) return said(58, '', '000', `could not load ${file}`)
  }
  if (url.protocol === 'https:' && !values.insecure && values.cacert === undefined)
    return said(60, '', '000', 'SSL certificate problem: unable to get local issuer certificate')
  const subject = values.cert === undefined ? undefined : subjectOf(readFileSync(values.cert, 'utf8'))
  const request = {
    method: 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { 'user-agent': values['user-agent'] ?? 'curl/7.74.0', accept: '*/*' },
    user: subject?.commonName ?? 'system:anonymous',
  }
  const late = new AbortController()
  try {
    const answer = await Promise.race([
      network.send(url.origin, request),
      timeout(Number(values['max-time'] ?? 120), clock, late.signal),
    ])
    return said(0, answer.body, String(answer.status))
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string }
    return said(exits[code] ?? 7, '', '000', message)
  } finally {
    late.abort()
  }
}

async function timeout(seconds: number, clock: Clock, signal: AbortSignal): Promise<never> {
  await clock.sleep(seconds * 1000, signal)
  throw Object.assign(new Error(`Operation timed out after ${seconds * 1000} milliseconds`), {
    code: 'ETIMEDOUT',
  })
}
