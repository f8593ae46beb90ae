/** What a certificate is about. */
export interface Subject {
  commonName: string
  organizations: readonly string[]
}

/**
 * A stand-in for a PKCS#10 request, as spec.request of a CertificateSigningRequest wants it: the subject in an envelope
 * that looks like PEM, in base64. Nothing in it is signed: nobody here checks signatures.
 */
export function certificateRequest(subject: Subject): string {
  return base64(envelope('CERTIFICATE REQUEST', subject))
}

/** The subject of such a request; null for anything else. */
export function requestSubject(request: string): Subject | null {
  return opened('CERTIFICATE REQUEST', Buffer.from(request, 'base64').toString('utf8')) as Subject | null
}

export interface Certificate extends Subject {
  signer: string
  /** RFC 3339. */
  notBefore: string
}

/** A stand-in for a certificate, as status.certificate holds it. */
export function certificateText(certificate: Certificate): string {
  return base64(envelope('CERTIFICATE', certificate))
}

/** What such a certificate says; null for anything else. */
export function readCertificate(text: string): Certificate | null {
  return opened('CERTIFICATE', Buffer.from(text, 'base64').toString('utf8')) as Certificate | null
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

function envelope(label: string, content: object): string {
  return `-----BEGIN ${label}-----\n${base64(JSON.stringify(content))}\n-----END ${label}-----\n`
}

function opened(label: string, text: string): unknown {
  const [, body] = new RegExp(`-----BEGIN ${label}-----\\n(.+)\\n-----END ${label}-----`).exec(text) ?? []
  if (body === undefined) return null
  try {
    return JSON.parse(Buffer.from(body, 'base64').toString('utf8'))
  } catch {
    return null
  }
}
