import { createHash } from 'node:crypto'
import type { Subject } from './certificates.js'

/** The subject of the first stand-in certificate in a text, such as a kubelet's pair; undefined when there is none. */
export function subjectOf(text: string): Subject | undefined {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----\n(.+)\n-----END CERTIFICATE-----/.exec(text) ?? []
  try {
    const { commonName, organizations } = JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as Subject
    return typeof commonName === 'string' ? { commonName, organizations } : undefined
  } catch {
    return undefined
  }
}

/** Lower-case hex. */
export function md5(...parts: string[]): string {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
