import { randomBytes } from 'node:crypto'

/**
 * The lab's certificate authority and credentials, as text in the shape of PEM: Node cannot issue X.509
 * certificates, and nothing in the lab verifies any.
 */
export interface Authority {
  ca: string
  key: string
}

export function createAuthority(): Authority {
  const body = (bytes: number): string =>
    (
      randomBytes(bytes)
        .toString('base64')
        .match(/.{1,64}/g) ?? []
    ).join('\n')
  return {
    ca: `-----BEGIN CERTIFICATE-----\n${body(700)}\n-----END CERTIFICATE-----\n`,
    key: `-----BEGIN RSA PRIVATE KEY-----\n${body(900)}\n-----END RSA PRIVATE KEY-----\n`,
  }
}
