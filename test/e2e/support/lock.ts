import { getObject, type KubeObject, kubectl } from './kubectl.js'

const name = 'yurt-ssh'
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
  await kubectl(['create', '-f', '-'], JSON.stringify(lease))
  let renewal = Promise.resolve()
  const timer = setInterval(() => {
    const patch = JSON.stringify({ spec: { renewTime: microTime() } })
    renewal = renewal
      .then(() => kubectl(['-n', 'kube-system', 'patch', 'lease', name, '--type', 'merge', '-p', patch]))
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
  return getObject('-n', 'kube-system', 'lease', name)
}

export async function releaseLock(): Promise<void> {
  await kubectl(['-n', 'kube-system', 'delete', 'lease', name, '--ignore-not-found'])
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z')
}
