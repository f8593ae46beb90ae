import type { Container } from './container.js'
import type { PodAddresses } from './environment.js'

/** A pod's status as a kubelet posts it. */
export function podStatus(
  containers: readonly Container[],
  addresses: PodAddresses,
  startTime: number,
  heartbeat: (milliseconds: number) => string,
): Record<string, unknown> {
  const ready = containers.every((container) => container.program?.ready() ?? false)
  const running = containers.some(({ state, restarts }) => state.kind === 'running' || restarts > 0)
  const condition = (type: string, value: boolean): Record<string, unknown> => ({
    type,
    status: value ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: heartbeat(startTime),
    ...(value ? {} : { reason: 'ContainersNotReady' }),
  })
  return {
    phase: running ? 'Running' : 'Pending',
    hostIP: addresses.hostIP,
    podIP: addresses.podIP,
    podIPs: [{ ip: addresses.podIP }],
    qosClass: 'Burstable',
    startTime: heartbeat(startTime),
    conditions: [
      condition('Initialized', true),
      condition('Ready', ready),
      condition('ContainersReady', ready),
      condition('PodScheduled', true),
    ],
    containerStatuses: containers.map((container) => ({
      name: container.name,
      image: container.image,
      imageID: '',
      containerID: `containerd://${container.id}`,
      ready: container.program?.ready() ?? false,
      started: container.state.kind === 'running',
      restartCount: container.restarts,
      state: containerState(container, heartbeat),
    })),
  }
}

function containerState({ state }: Container, heartbeat: (milliseconds: number) => string): unknown {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason } }
    case 'running':
      return { running: { startedAt: heartbeat(state.startedAt) } }
    case 'terminated':
      return {
        terminated: {
          exitCode: state.exitCode,
          reason: state.exitCode === 0 ? 'Completed' : 'Error',
          startedAt: heartbeat(state.startedAt),
          finishedAt: heartbeat(state.finishedAt),
        },
      }
  }
}
