import { api, getObject, type KubeObject } from './api.js'

const name = 'yurt-ssh'
const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name }
export const otherHolder = 'somebody@elsewhere:4711/e2e'

/** Holds the cluster's lock as another, living run would: renewed every two seconds until it is let go. */
export async function holdLock(): Promise<{ release: () => Promise<void> }> {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-system' },
    spec: {
      holderIdentity: otherHolder,
      leaseDurationSeconds: 60,
      acquireTime: microTime(),
      renewTime: microTime(),
    },
  }
  const cluster = await api()
  await cluster.create(lease)
  let renewal = Promise.resolve()
  const timer = setInterval(() => {
    renewal = renewal
      .then(() => cluster.patch(ref, { spec: { renewTime: microTime() } }, 'merge'))
      .then(() => {})
  }, 2000)
  return {
    async release() {
      clearInterval(timer)
      await renewal
      await releaseLock()
    },
  }
}

export function readLock(): Promise<KubeObject | undefined> {
  return getObject(ref.apiVersion, ref.kind, name, ref.namespace)
}

export async function releaseLock(): Promise<void> {
  if ((await readLock()) !== undefined) await (await api()).delete(ref)
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z')
}
