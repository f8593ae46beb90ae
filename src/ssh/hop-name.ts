import type { SshHop } from '../inventory/types.js'

/** `user@address:port`, as errors name a hop and shared connections are told apart. */
export function hopName({ user, address, port }: SshHop): string {
  return `${user}@${address.includes(':') ? `[${address}]` : address}:${port}`
}
