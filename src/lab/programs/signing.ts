import type { KubeObject } from '../../cluster/types.js'
import type { ApiClient } from '../api/client.js'
import { timeText } from '../api/object.js'
import { certificateText, requestSubject } from '../certificates.js'
import type { Clock } from '../types.js'

const apiVersion = 'certificates.k8s.io/v1'
const kind = 'CertificateSigningRequest'

interface Request extends KubeObject {
  spec: { request: string; signerName: string }
  status?: { conditions?: { type: string }[]; certificate?: string }
}

const has = ({ status }: Request, type: string) =>
  status?.conditions?.some((entry) => entry.type === type) ?? false

/** Issues what was approved, as kube-controller-manager's csrsigning does. */
export async function signApproved(client: ApiClient, clock: Clock): Promise<void> {
  for (const request of (await client.list(apiVersion, kind)) as Request[]) {
    const { status, spec } = request
    if (!has(request, 'Approved') || has(request, 'Failed') || status?.certificate !== undefined) continue
    const now = timeText(clock.now())
    const subject = requestSubject(spec.request)
    const failed = {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      lastTransitionTime: now,
    }
    const outcome =
      subject === null
        ? { conditions: [...(status?.conditions ?? []), failed] }
        : { certificate: certificateText({ ...subject, signer: spec.signerName, notBefore: now }) }
    await client.update({ ...request, status: { ...status, ...outcome } }, 'status')
  }
}

/** Organisations whose requests yurt-controller-manager approves, whoever sends them (openyurt v0.6.1). */
const approved = ['openyurt:yurthub', 'openyurt:yurttunnel']

/** Approves requests of hubs and tunnels, as yurt-controller-manager does. */
export async function approveRequests(client: ApiClient, clock: Clock): Promise<void> {
  for (const request of (await client.list(apiVersion, kind)) as Request[]) {
    const organizations = requestSubject(request.spec.request)?.organizations ?? []
    if (has(request, 'Approved') || has(request, 'Denied')) continue
    if (!organizations.some((name) => approved.includes(name))) continue
    const condition = {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message: 'self-approving openyurt csr',
      lastUpdateTime: timeText(clock.now()),
    }
    const conditions = [...(request.status?.conditions ?? []), condition]
    await client.update({ ...request, status: { ...request.status, conditions } }, 'approval')
  }
}
