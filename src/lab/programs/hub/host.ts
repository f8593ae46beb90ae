import type { ApiRequest, ApiResponse } from '../../types.js'

/** What a hub touches of its host beside the API. */
export interface HubHost {
  /** The host's folder. */
  root: string
  /** Milliseconds of the lab that a first start takes; 40 s with the real one. */
  firstStart: number
  /** @throws Error when the port is taken */
  listen(port: number, answer: (request: ApiRequest) => Promise<ApiResponse>): () => void
  addInterface(name: string): void
  deleteInterface(name: string): void
  addRule(table: string, rule: string): void
  deleteRule(table: string, rule: string): void
  /** Fault: its certificate is never issued, as when nobody approves. */
  neverCertified(): boolean
}
