import type { ContainerSpec, Pod } from './types.js'

export interface PodAddresses {
  podIP: string
  hostIP: string
}

/** A container's variables: those of Services first, then its own, with the fields that the downward API gives. */
export function containerEnvironment(
  pod: Pod,
  container: ContainerSpec,
  services: Readonly<Record<string, string>>,
  addresses: PodAddresses,
): Record<string, string> {
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec.nodeName,
    'status.podIP': addresses.podIP,
    'status.hostIP': addresses.hostIP,
  }
  const own = (container.env ?? []).map(({ name, value, valueFrom }): [string, string] => [
    name,
    value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ''] ?? '',
  ])
  return { ...services, ...Object.fromEntries(own) }
}

/** Command and arguments with `$(NAME)` replaced; a name that is not there stays as it stands. */
export function containerCommand(container: ContainerSpec, env: Readonly<Record<string, string>>): string[] {
  const image = container.image.replace(/[:@][^/]*$/, '')
  const command = container.command ?? [image.slice(image.lastIndexOf('/') + 1)]
  return [...command, ...(container.args ?? [])].map((word) =>
    word.replace(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole),
  )
}
