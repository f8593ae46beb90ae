import type http from 'node:http'
import type { ApiRequest } from '../types.js'
import { ApiFailure } from './failure.js'
import type { Answer } from './handler.js'
import type { Watch } from './watch.js'

/** Carries HTTP requests to the API and its answers back. Who asks is known by the administrator's token, or is nobody. */
export function createListener(
  respond: (request: ApiRequest) => Promise<Answer>,
  token: string,
): http.RequestListener {
  async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request
    const body = await bodyOf(request)
    const user = userOf(headers.authorization, token)
    const given = Object.entries(headers).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    )
    const answer =
      user === undefined
        ? { status: 401, body: new ApiFailure(401, 'Unauthorized', 'Unauthorized').status() }
        : await respond({ method, path, headers: Object.fromEntries(given), body, user })
    const text = !('watch' in answer) && typeof answer.body === 'string'
    response.writeHead(answer.status, { 'content-type': text ? 'text/plain' : 'application/json' })
    if ('watch' in answer) return stream(answer.watch, response, path)
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  }

  return (request, response) => {
    // An API that is gone answers nobody: the connection breaks.
    serve(request, response).catch(() => request.socket.destroy())
  }
}

function userOf(authorization: string | undefined, token: string): string | undefined {
  if (authorization === undefined) return 'system:anonymous'
  return authorization === `Bearer ${token}` ? 'admin' : undefined
}

function stream(watch: Watch, response: http.ServerResponse, path: string): void {
  const write = (event: object) => response.write(`${JSON.stringify(event)}\n`)
  response.flushHeaders()
  watch.begin.forEach(write)
  if (watch.begin.some(({ type }) => type === 'ERROR')) {
    response.end()
    return
  }
  const stop = watch.follow(write)
  const seconds = Number(new URL(path, 'http://api').searchParams.get('timeoutSeconds') ?? 0)
  const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined
  response.on('close', () => {
    stop()
    clearTimeout(timer)
  })
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}
