import type { YurtSshError } from '../errors.js'
import { renderError } from './recap.js'

/** What a recovery found and did: a line each, then what went wrong. */
export function renderRecovery(
  left: readonly string[],
  failures: readonly { host: string; error: YurtSshError }[],
  settled: boolean,
): string {
  const lines = left.length === 0 ? ['Dead runs left nothing.'] : settled ? ['Settled:', ...left] : left
  return [...lines, ...failures.map(({ error }) => renderError(error))].join('\n')
}
