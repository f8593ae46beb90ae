import { readFileSync } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { fileError } from '../errors/file.js'

/** What a user of a kubeconfig says and client-node leaves out. */
export interface UserSettings {
  token?: string
  tokenFile?: string
  as?: string
  'as-uid'?: string
  'as-groups'?: string[]
  'as-user-extra'?: Record<string, string[]>
}

/**
 * The token of a file, which counts before `token`; read each time, for such files are renewed.
 * @throws YurtSshError KUBECONFIG_INVALID, naming the file
 */
export function tokenOfFile({ tokenFile, token }: UserSettings): string | undefined {
  if (!tokenFile) return undefined
  try {
    const read = readFileSync(tokenFile, 'utf8').trim()
    if (read !== '') return read
    throw new Error('it is empty')
  } catch (error) {
    if (token) return token
    throw fileError('KUBECONFIG_INVALID', `the kubeconfig's tokenFile ${tokenFile}`, 'read', error)
  }
}

/** kubectl refuses that: it would be the whole power of the user after all. */
export function impersonatesNobody(user: UserSettings): boolean {
  return !user.as && Boolean(user['as-uid'] || user['as-groups']?.length || user['as-user-extra'])
}

/** The headers of `as`, `as-uid`, `as-groups` and `as-user-extra`. */
export function impersonation(user: UserSettings): OutgoingHttpHeaders {
  if (!user.as) return {}
  const extra = Object.entries(user['as-user-extra'] ?? {})
  return {
    'Impersonate-User': user.as,
    ...(user['as-uid'] && { 'Impersonate-Uid': user['as-uid'] }),
    ...(user['as-groups']?.length && { 'Impersonate-Group': user['as-groups'] }),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${headerName(key)}`, values])),
  }
}

/** Bytes that no header may have in its name are %XX to the API server. */
function headerName(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => String.fromCharCode(byte))
    .map((letter) =>
      /[\w!#$&'*+.^`|~-]/.test(letter)
        ? letter
        : `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
}
