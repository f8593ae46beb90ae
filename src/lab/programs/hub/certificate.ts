import { certificateRequest } from '../../certificates.js'
import type { ProgramContext } from '../../types.js'

const requests = '/apis/certificates.k8s.io/v1beta1/certificatesigningrequests'

export interface CertificateRequest {
  commonName: string
  organizations: readonly string[]
  usages: readonly string[]
  /** Whose credentials the request is made with. */
  user: string
}

/** Puts a request to the API. @returns its name. @throws Error when the API does not take it */
export async function requestCertificate(
  { send }: ProgramContext,
  asked: CertificateRequest,
): Promise<string> {
  const { commonName, organizations } = asked
  const request = certificateRequest({ commonName, organizations })
  const { status, body } = await send({
    method: 'POST',
    path: requests,
    headers: { 'user-agent': hubAgent, 'content-type': 'application/json', accept: 'application/json' },
    user: asked.user,
    body: JSON.stringify({
      apiVersion: 'certificates.k8s.io/v1beta1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'csr-' },
      spec: { request, signerName: 'kubernetes.io/legacy-unknown', usages: asked.usages },
    }),
  })
  if (status !== 201) throw new Error(`certificate request: status ${status}: ${body.slice(0, 300)}`)
  return (JSON.parse(body) as { metadata: { name: string } }).metadata.name
}

/** The certificate that was issued on a request; undefined while there is none. */
export async function issuedCertificate(
  { send }: ProgramContext,
  name: string,
  user: string,
): Promise<string | undefined> {
  const headers = { 'user-agent': hubAgent, accept: 'application/json' }
  const { status, body } = await send({ method: 'GET', path: `${requests}/${name}`, headers, user })
  if (status !== 200) return undefined
  const { certificate } = (JSON.parse(body) as { status?: { certificate?: string } }).status ?? {}
  return certificate === undefined ? undefined : Buffer.from(certificate, 'base64').toString('utf8')
}

export const hubAgent = 'yurthub/v0.6.1 (linux/amd64) stand-in'
