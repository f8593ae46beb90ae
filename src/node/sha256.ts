import { createHash } from 'node:crypto'

/** As sha256sum prints it: 64 hexadecimal digits. A text counts as UTF-8. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
