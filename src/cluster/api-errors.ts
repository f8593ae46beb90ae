import { YurtSshError } from '../errors.js'
import { refusalHint } from './refusal.js'
import type { ApiAnswer } from './transport.js'

const codes: Record<number, string> = {
  400: 'API_INVALID',
  401: 'API_UNAUTHORIZED',
  403: 'API_FORBIDDEN',
  404: 'API_NOT_FOUND',
  405: 'API_INVALID',
  409: 'API_CONFLICT',
  413: 'API_INVALID',
  415: 'API_INVALID',
  422: 'API_INVALID',
}

const hints: Record<string, string> = {
  API_UNAUTHORIZED: "the kubeconfig's credentials were refused: have they expired?",
  API_FORBIDDEN: 'use a kubeconfig whose user is a cluster administrator',
  API_CONFLICT: 'something else changed it at the same moment: run again',
  API_UNAVAILABLE: 'the API server is overloaded or starting: run again when it is healthy',
}

/** The error for an answer that is not 2xx. `what` says what was asked, such as `delete Lease kube-system/yurt-ssh`. */
export function apiError(what: string, answer: ApiAnswer): YurtSshError {
  const code = codes[answer.status] ?? 'API_UNAVAILABLE'
  const words = serverWords(answer.text)
  const hint = refusalHint(words) ?? hints[code]
  return new YurtSshError(
    code,
    `cannot ${what}: ${words === '' ? `HTTP ${answer.status}` : words}`,
    hint === undefined ? {} : { hint },
  )
}

/** Whether this is one of our errors with that code. */
export function hasCode(error: unknown, ...codes: string[]): error is YurtSshError {
  return error instanceof YurtSshError && codes.includes(error.code)
}

/** The message of a Kubernetes Status; of anything else (a proxy's page) its first line. */
function serverWords(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: unknown }
    if (typeof status.message === 'string') return status.message
  } catch {
    // A proxy or load balancer answered, not Kubernetes.
  }
  return text.trim().split('\n', 1)[0]?.slice(0, 200) ?? ''
}
