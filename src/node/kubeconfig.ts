import { parse } from 'yaml'
import { z } from 'zod'
import { YurtSshError } from '../errors.js'

/** Where the hub listens for the kubelet. */
export const HUB_URL = 'http://127.0.0.1:10261'

/** The fields in force of a kubeconfig: those of its current context. */
export interface Kubeconfig {
  currentContext: string
  server: string
  /** Base64 of PEM. */
  certificateAuthorityData?: string
  certificateAuthority?: string
  /** Path of the client certificate; inline ones never leave the host. */
  clientCertificate?: string
}

const text = z.string().nullish()
const list = <T extends z.ZodType>(name: string, item: T) =>
  z
    .array(z.object({ name: z.string(), [name]: item }))
    .nullish()
    .transform((items) => items ?? [])
const schema = z.object({
  'current-context': text,
  clusters: list('cluster', z.object({ server: text, 'certificate-authority': text, 'certificate-authority-data': text })),
  contexts: list('context', z.object({ cluster: text, user: text })),
  users: list('user', z.object({ 'client-certificate': text }).nullish()),
})
