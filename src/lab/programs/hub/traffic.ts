/** What the hub's metric of traffic counts: bytes of answers by client. The real one has it in edge mode only. */
export interface Traffic {
  count(client: string, bytes: number): void
  /** As `/metrics` shows it. */
  text(): string
}

export function createTraffic(): Traffic {
  const bytesBy = new Map<string, number>()
  return {
    count(client, bytes) {
      bytesBy.set(client, (bytesBy.get(client) ?? 0) + bytes)
    },
    text: () =>
      [...bytesBy]
        .map(([client, bytes]) => `node_yurthub_proxy_traffic_collector{client="${client}"} ${bytes}\n`)
        .join(''),
  }
}
